import { BUILD_STEPS_OPTIONS, type BuildStepsOptions } from '../../../controlplane/tasks/build/build-steps-options.ts';
import { BuildSteps } from '../../../controlplane/tasks/build/build-steps.ts';

/** Returns a build of `main` with these options over the least that it needs. */
export function buildSteps(options: Partial<Record<keyof BuildStepsOptions, unknown>> = {}): BuildSteps {
  const parsed = BUILD_STEPS_OPTIONS.schema.parse({
    vcsPath: 'main',
    sourceVcsUri: 'https://example.org/app.git',
    ...options,
  });
  return new BuildSteps({ uuid: 'u', options: parsed });
}
