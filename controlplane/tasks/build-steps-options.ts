import { z } from 'zod';
import { EnvironmentName } from '../../shared/protocol/overrides.ts';
import { PIPELINE_OPTION_FIELDS, PIPELINE_SEALED_OPTIONS } from './abstract-pipeline-wip.ts';
import type { OptionsOf } from './context.ts';
import { VcsUri } from './repository-address.ts';

/** Branch, tag or ref of a git repository; git's own check-ref-format has the last word. */
const VcsPath = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^-\s~^:?*[\\][^\s~^:?*[\\]*$/, 'must be the name of a branch or tag');

const BUILD_EVENTS = ['build', 'post-deploy', 'pr-merged', 'pr-closed'] as const;

const BuildStepsOptions = z.strictObject({
  ...PIPELINE_OPTION_FIELDS,
  /** The branch to build. */
  vcsPath: VcsPath,
  /** Where the source comes from and where the artefact goes; `vcsUri` is both where they are not given. */
  vcsUri: VcsUri.optional(),
  sourceVcsUri: VcsUri.optional(),
  deployVcsUri: VcsUri.optional(),
  deployVcsPath: VcsPath.optional(),
  /** OpenSSH private keys. The application's key serves both repositories unless they have one of their own. */
  applicationPrivateKey: z.string().min(1).optional(),
  sourcePrivateKey: z.string().min(1).optional(),
  deployPrivateKey: z.string().min(1).optional(),
  /** Set for every command of the build, and masked in its output. */
  environmentVariables: z.record(EnvironmentName, z.string()).optional(),
  event: z.enum(BUILD_EVENTS).optional(),
  segmentUserId: z.string().min(1).optional(),
  segmentApplicationId: z.string().min(1).optional(),
  keepAlive: z.string().min(1).optional(),
  cloudRealm: z.string().min(1).optional(),
  cloudSite: z.string().min(1).optional(),
  gitSsh: z.string().min(1).optional(),
  inheritVariables: z.string().min(1).optional(),
  /** `Name <address>` of the artefact's commit. */
  commitAuthor: z.string().min(1).max(256).optional(),
  commitMessage: z.string().min(1).max(4_096).optional(),
});
export type BuildStepsOptions = z.infer<typeof BuildStepsOptions>;

export const BUILD_STEPS_OPTIONS: OptionsOf<BuildStepsOptions> = {
  schema: BuildStepsOptions,
  sealed: [
    ...PIPELINE_SEALED_OPTIONS,
    'applicationPrivateKey',
    'sourcePrivateKey',
    'deployPrivateKey',
    'environmentVariables',
  ],
  repositories: ['vcsUri', 'sourceVcsUri', 'deployVcsUri'],
};

/** What the options and the user's variables come to. */
export interface BuildPlan {
  readonly event: string;
  readonly sourceUri: string | undefined;
  readonly sourcePath: string;
  readonly deployUri: string | undefined;
  readonly deployPath: string;
}

export function decideBuildPlan(options: BuildStepsOptions, variables: Readonly<Record<string, string>>): BuildPlan {
  return {
    event: options.event ?? variables['PIPELINES_EVENT'] ?? 'build',
    sourceUri: options.sourceVcsUri ?? options.vcsUri,
    sourcePath: options.vcsPath,
    deployUri: options.deployVcsUri ?? options.vcsUri,
    deployPath: options.deployVcsPath ?? `pipelines-build-${options.vcsPath.replace(/^refs\/heads\//, '')}`,
  };
}

/** An artefact cannot be pushed onto a tag. */
export function isTag(vcsPath: string): boolean {
  return /^(refs\/)?tags\//.test(vcsPath);
}
