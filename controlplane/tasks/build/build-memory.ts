import { z } from 'zod';
import type { BuildExport } from '../../../shared/protocol/build-export.ts';
import { secretText } from '../pipeline/abstract-pipeline-wip.ts';
import { decideBuildPlan, type BuildPlan, type BuildStepsOptions } from './build-steps-options.ts';
import type { WipContext } from '../context.ts';

export const REPOSITORIES = ['source', 'deploy'] as const;
export type RepositoryRole = (typeof REPOSITORIES)[number];

/** A step as the memory of a task keeps it: small, because the memory is saved with every step of the task. */
export const NotedStep = z.object({
  event: z.string(),
  name: z.string(),
  /** Line of the step in the build file, or of the command at which it failed. */
  line: z.number(),
  /** The command at which it failed; null when it did not. */
  command: z.string().nullable(),
  /** Why it failed, as a sentence for people. */
  sentence: z.string().nullable(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  exitCode: z.number().nullable(),
  /** Where its header begins in the stdout of the build's process. */
  offset: z.number(),
});
export type NotedStep = z.infer<typeof NotedStep>;

/** Values that later states of BuildSteps need from earlier ones. The task's memory is saved with every step. */
export interface BuildMemory {
  home?: string;
  buildFile?: BuildExport;
  /** The commit that the artefact's branch has after the build. */
  artefactCommit?: string;
  /** What the build tool recorded, once the build has ended. */
  steps?: NotedStep[];
}

export function buildMemory(context: WipContext): BuildMemory {
  return context.memory;
}

/** Returns the path of one of the build's own files in the container, below the home of the build's user. */
export function buildPath(context: WipContext, name: string): string {
  const { home } = buildMemory(context);
  if (!home) throw new Error('the build user is not known yet');
  return `${home}/.wip-build/${name}`;
}

/** Returns the key of a repository. The application's key is used for a repository without its own. */
export function privateKey(context: WipContext, repository: RepositoryRole): string | undefined {
  return secretText(context, `${repository}PrivateKey`) ?? secretText(context, 'applicationPrivateKey');
}

export function userVariables(context: WipContext): Record<string, string> {
  const value = context.secretOption('environmentVariables');
  return typeof value === 'object' && value !== null ? { ...(value as Record<string, string>) } : {};
}

/** What is built, by the options and the variables of the user. */
export function planOf(options: BuildStepsOptions, context: WipContext): BuildPlan {
  return decideBuildPlan(options, userVariables(context));
}
