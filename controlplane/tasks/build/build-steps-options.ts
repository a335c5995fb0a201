import { z } from 'zod';
import { CommitName } from '../../../shared/model/commit-name.ts';
import { branchName, isRefName, parseAuthor } from '../../../shared/protocol/git-names.ts';
import { EnvironmentName, overrideProblem } from '../../../shared/protocol/overrides.ts';
import {
  credentialProblem,
  PIPELINE_OPTION_FIELDS,
  PIPELINE_RECEIVER_OPTIONS,
  PIPELINE_SEALED_OPTIONS,
} from '../pipeline/abstract-pipeline-wip.ts';
import {
  COMMIT_STATUS_FIELDS,
  COMMIT_STATUS_RECEIVER_OPTIONS,
  COMMIT_STATUS_SEALED_OPTIONS,
  missingStatusOptions,
} from '../pipeline/commit-status.ts';
import type { OptionsOf } from '../options-of.ts';
import { VcsUri } from './vcs-uri.ts';

/** A branch, tag or ref of a git repository. git's check-ref-format decides in the end. */
export const VcsPath = z.string().min(1).max(512).refine(isRefName, 'must be the name of a branch or tag');

export const ORDERED_EVENTS = ['build', 'post-deploy', 'pr-merged', 'pr-closed'] as const;
type OrderedEvent = (typeof ORDERED_EVENTS)[number];

const BuildStepsFields = z.strictObject({
  ...PIPELINE_OPTION_FIELDS,
  ...COMMIT_STATUS_FIELDS,
  /** The branch to build. */
  vcsPath: VcsPath,
  /** The commit of it to build; without one, the latest when the container has started. */
  vcsCommit: CommitName.optional(),
  /** The repositories of the source and of the artefact. `vcsUri` is the default of both. */
  vcsUri: VcsUri.optional(),
  sourceVcsUri: VcsUri.optional(),
  deployVcsUri: VcsUri.optional(),
  deployVcsPath: VcsPath.optional(),
  /** OpenSSH private keys. The application's key is used for both repositories unless one has its own. */
  applicationPrivateKey: z.string().min(1).optional(),
  sourcePrivateKey: z.string().min(1).optional(),
  deployPrivateKey: z.string().min(1).optional(),
  /** Variables set for every command of the build. Their values are masked in its output. */
  environmentVariables: z.record(EnvironmentName, z.string()).optional(),
  event: z.enum(ORDERED_EVENTS).optional(),
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
export interface BuildStepsOptions extends z.infer<typeof BuildStepsFields> {}

/** Finds mistakes in the options that would otherwise show only in a container, launched for nothing. */
const BuildStepsOptions = BuildStepsFields.superRefine((options, check) => {
  const problem = (path: PropertyKey[], message: string): void => check.addIssue({ code: 'custom', path, message });
  if (!options.sourceVcsUri && !options.vcsUri) {
    problem(['sourceVcsUri'], 'is missing, and so is vcsUri: set one of them to the repository to build');
  }
  if (options.vcsCommit !== undefined && options.mergeRef !== undefined) {
    problem(['vcsCommit'], 'cannot be combined with mergeRef: a merge ref is one commit already');
  }
  const missing = missingStatusOptions(options);
  for (const name of missing) problem([name], 'is missing: the status of a commit needs it');
  const credentials = credentialProblem(options);
  if (credentials !== null) problem(['pipelineApiKey'], credentials);
  const { deployVcsPath } = options;
  // Tags are valid names here; the start state reports that nothing can be deployed to a tag.
  if (deployVcsPath !== undefined && !isTag(deployVcsPath) && branchName(deployVcsPath) === null) {
    problem(['deployVcsPath'], 'must be the name of a branch');
  }
  for (const [name, value] of Object.entries(options.environmentVariables ?? {})) {
    const wrong = value === '' ? null : overrideProblem(name, value);
    if (wrong) problem(['environmentVariables', name], `${wrong.happened}: ${wrong.remedy}`);
  }
  const event = options.environmentVariables?.['PIPELINES_EVENT'];
  if (event && !(ORDERED_EVENTS as readonly string[]).includes(event)) {
    problem(['environmentVariables', 'PIPELINES_EVENT'], `must be one of ${ORDERED_EVENTS.join(', ')}`);
  }
});

/** A class that extends BuildSteps adds its own options with `schema.safeExtend`, which keeps the checks above. */
export const BUILD_STEPS_OPTIONS: OptionsOf<BuildStepsOptions, z.input<typeof BuildStepsOptions>> & {
  readonly schema: typeof BuildStepsOptions;
} = {
  schema: BuildStepsOptions,
  sealed: [
    ...PIPELINE_SEALED_OPTIONS,
    ...COMMIT_STATUS_SEALED_OPTIONS,
    'applicationPrivateKey',
    'sourcePrivateKey',
    'deployPrivateKey',
    'environmentVariables',
  ],
  repositories: ['vcsUri', 'sourceVcsUri', 'deployVcsUri'],
  receivers: [...PIPELINE_RECEIVER_OPTIONS, ...COMMIT_STATUS_RECEIVER_OPTIONS],
};

/** The values that follow from the options and the user's variables. */
export interface BuildPlan {
  readonly event: OrderedEvent;
  readonly sourceUri: string | undefined;
  readonly sourcePath: string;
  readonly sourceCommit: string | undefined;
  /** The ref that is built instead of the branch. */
  readonly mergeRef: string | undefined;
  readonly deployUri: string | undefined;
  readonly deployPath: string;
}

export function decideBuildPlan(options: BuildStepsOptions, variables: Readonly<Record<string, string>>): BuildPlan {
  return {
    event: options.event ?? eventOf(variables),
    sourceUri: options.sourceVcsUri ?? options.vcsUri,
    sourcePath: options.vcsPath,
    sourceCommit: options.vcsCommit,
    mergeRef: options.mergeRef,
    deployUri: options.deployVcsUri ?? options.vcsUri,
    deployPath: options.deployVcsPath ?? `pipelines-build-${options.vcsPath.replace(/^refs\/heads\//, '')}`,
  };
}

function eventOf(variables: Readonly<Record<string, string>>): OrderedEvent {
  return ORDERED_EVENTS.find((event) => event === variables['PIPELINES_EVENT']) ?? 'build';
}

/** Returns whether the artefact's target is a tag: an artefact cannot be pushed onto one. */
export function isTag(vcsPath: string): boolean {
  return /^(refs\/)?tags\//.test(vcsPath);
}
