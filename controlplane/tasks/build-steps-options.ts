import { z } from 'zod';
import { branchName, parseAuthor } from '../../shared/protocol/git-names.ts';
import { EnvironmentName, overrideProblem } from '../../shared/protocol/overrides.ts';
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
type OrderedEvent = (typeof BUILD_EVENTS)[number];

const BuildStepsFields = z.strictObject({
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
  commitAuthor: z
    .string()
    .max(256)
    .refine((text) => parseAuthor(text) !== null, 'must be written "Name <address>"')
    .optional(),
  commitMessage: z.string().min(1).max(4_096).optional(),
});
export type BuildStepsOptions = z.infer<typeof BuildStepsFields>;

/** What would otherwise be noticed in a container that was launched for nothing. */
const BuildStepsOptions = BuildStepsFields.superRefine((options, check) => {
  const problem = (path: PropertyKey[], message: string): void => check.addIssue({ code: 'custom', path, message });
  if (!options.sourceVcsUri && !options.vcsUri) {
    problem(['sourceVcsUri'], 'no source repository was specified: set sourceVcsUri or vcsUri');
  }
  const { deployVcsPath } = options;
  // A tag is a name that git takes; the start state says why it cannot be deployed to.
  if (deployVcsPath !== undefined && !isTag(deployVcsPath) && branchName(deployVcsPath) === null) {
    problem(['deployVcsPath'], 'must be the name of a branch');
  }
  for (const [name, value] of Object.entries(options.environmentVariables ?? {})) {
    const wrong = value === '' ? null : overrideProblem(name, value);
    if (wrong) problem(['environmentVariables', name], `${wrong.happened}: ${wrong.remedy}`);
  }
  const event = options.environmentVariables?.['PIPELINES_EVENT'];
  if (event && !(BUILD_EVENTS as readonly string[]).includes(event)) {
    problem(['environmentVariables', 'PIPELINES_EVENT'], `must be one of ${BUILD_EVENTS.join(', ')}`);
  }
});

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
  readonly event: OrderedEvent;
  readonly sourceUri: string | undefined;
  readonly sourcePath: string;
  /** Built in place of the branch. */
  readonly mergeRef: string | undefined;
  readonly deployUri: string | undefined;
  readonly deployPath: string;
}

export function decideBuildPlan(options: BuildStepsOptions, variables: Readonly<Record<string, string>>): BuildPlan {
  return {
    event: options.event ?? eventOf(variables),
    sourceUri: options.sourceVcsUri ?? options.vcsUri,
    sourcePath: options.vcsPath,
    mergeRef: options.mergeRef,
    deployUri: options.deployVcsUri ?? options.vcsUri,
    deployPath: options.deployVcsPath ?? `pipelines-build-${options.vcsPath.replace(/^refs\/heads\//, '')}`,
  };
}

function eventOf(variables: Readonly<Record<string, string>>): OrderedEvent {
  return BUILD_EVENTS.find((event) => event === variables['PIPELINES_EVENT']) ?? 'build';
}

/** An artefact cannot be pushed onto a tag. */
export function isTag(vcsPath: string): boolean {
  return /^(refs\/)?tags\//.test(vcsPath);
}
