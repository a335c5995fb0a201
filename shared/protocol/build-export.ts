import { z } from 'zod';
import { EnvironmentName } from './overrides.ts';

/** A value that is sealed in the build file and that only the control plane can open. */
export const SecureValue = z.strictObject({ secure: z.string().min(1) });
export type SecureValue = z.infer<typeof SecureValue>;

const Line = z.number().int().positive();

export const BuildStep = z.object({
  name: z.string(),
  type: z.literal('script'),
  script: z.array(z.string()),
  /** Line of the step in the build file; 1-based. */
  line: Line,
  /** Line of each command of `script`. */
  scriptLines: z.array(Line),
  /** Last line of each command of `script`; earlier versions of the build tool do not say it. */
  scriptLastLines: z.array(Line).optional(),
});
export type BuildStep = z.infer<typeof BuildStep>;

export const BUILD_EVENTS = ['build', 'fail-on-build', 'post-deploy', 'pr-merged', 'pr-closed'] as const;
export type BuildEvent = (typeof BUILD_EVENTS)[number];

/** How much of the history of the source is fetched. */
const GitHistory = z.object({
  /** Commits of the branch, and of each tag; 0 is all of them. */
  depth: z.number().int().nonnegative(),
  tags: z.boolean(),
});
export type GitHistory = z.infer<typeof GitHistory>;

/** The content of the build file, independent of YAML. */
export const BuildFile = z.object({
  version: z.string(),
  /** In the order of the file: a value may use an earlier variable. */
  variables: z.object({ global: z.record(EnvironmentName, z.union([z.string(), SecureValue])) }),
  sshKeys: z.record(z.string(), SecureValue),
  services: z.array(z.object({ name: z.string(), options: z.json() })),
  /** Missing when the build file does not set it: one commit and no tags. */
  git: GitHistory.optional(),
  events: z.partialRecord(z.enum(BUILD_EVENTS), z.object({ steps: z.array(BuildStep) })),
});
export type BuildFile = z.infer<typeof BuildFile>;

/** Returns whether the build file has something to run for the event. */
export function hasSteps(file: Pick<BuildFile, 'events'>, event: BuildEvent): boolean {
  return (file.events[event]?.steps.length ?? 0) > 0;
}

/** The remedy for a build without steps, which is an error: how to deploy a source unchanged. */
export const NO_BUILD_STEPS_REMEDY =
  'Add steps; to deploy the source as it is, say so with one step whose script is "true"';

/** The output of `build export` on stdout. A site may bring its own build tool, so this is a contract. */
export const BuildExport = BuildFile.extend({
  warnings: z.array(z.string()),
  fileName: z.string(),
  /** The commit that was cloned. */
  commit: z.string(),
});
export type BuildExport = z.infer<typeof BuildExport>;

/** Environment name of the ref that is built in place of the branch, such as the merge of a pull request. */
export const MERGE_REF = 'PIPELINES_MERGE_REF';

/**
 * Environment name of the file with the private key that `build run` pushes the artefact with. The file is read and
 * deleted before the first step, so that no step finds the key.
 */
export const DEPLOY_KEY_FILE = 'WIP_DEPLOY_KEY_FILE';

/**
 * Environment name of an SSH command for the push, for a caller without a key file. Steps must not be able to change the program
 * that it runs. The variable GIT_SSH_COMMAND belongs to the steps and is not used for the push.
 */
export const DEPLOY_GIT_SSH_COMMAND = 'WIP_DEPLOY_GIT_SSH_COMMAND';

/** Environment name of the hosts on which repositories may be, in the format of the setting repository_hosts. */
export const REPOSITORY_HOSTS = 'WIP_REPOSITORY_HOSTS';

/** Environment name that hands `build run` the opened value of a `secure` variable. */
export function secureVariableEnvironmentName(variable: string): string {
  return `WIP_SECURE_VAR_${variable}`;
}

/**
 * Environment name that hands `build run` an opened SSH key. Key names are file names and may hold `.` and `-`, which no environment name can; a
 * build file in which two names become one is refused.
 */
export function secureKeyEnvironmentName(key: string): string {
  return `WIP_SECURE_KEY_${key.replace(/[^A-Za-z0-9_]/g, '_')}`;
}
