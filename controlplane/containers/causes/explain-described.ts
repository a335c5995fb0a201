import { z } from 'zod';
import { findBuildContainer } from '../build-container.ts';
import { explainStop, type Cause } from './causes.ts';
import { parseMemoryLimit } from './memory-limit.ts';
import { explainRunTaskFailure } from './launch-causes.ts';

const Text = z.string().nullish();

/** The fields of DescribeTasks' answer that tell about an end. All others may be there. */
export const DescribedTask = z.looseObject({
  taskArn: Text,
  lastStatus: Text,
  stopCode: Text,
  stoppedReason: Text,
  memory: Text,
  containers: z
    .array(z.looseObject({ name: Text, reason: Text, memory: Text, exitCode: z.number().nullish() }))
    .nullish(),
  overrides: z
    .looseObject({
      containerOverrides: z
        .array(z.looseObject({ name: Text, environment: z.array(z.looseObject({ name: Text })).nullish() }))
        .nullish(),
    })
    .nullish(),
  attachments: z
    .array(z.looseObject({ details: z.array(z.looseObject({ name: Text, value: Text })).nullish() }))
    .nullish(),
});
export type DescribedTask = z.infer<typeof DescribedTask>;

/** An entry of `failures` in an answer of RunTask or DescribeTasks. */
export const DescribedFailure = z.looseObject({ arn: Text, reason: Text, detail: Text });
export type DescribedFailure = z.infer<typeof DescribedFailure>;

/** A cause; all three words are null for a task that has not ended. */
export interface Explanation extends Pick<Cause, 'sentence' | 'remedy' | 'evidence'> {
  readonly cause: string | null;
  readonly fault: Cause['fault'] | null;
  readonly retry: Cause['retry'] | null;
}

const NOTHING_SAID: Explanation = {
  cause: 'unknown',
  fault: 'system',
  retry: 'never',
  sentence: 'The task ended, and ECS says neither why nor with which exit code',
  remedy: 'Look at the events of the cluster, or at the log of the machine it ran on',
  evidence: [],
};

const ENDED = new Set(['STOPPED', 'DELETED']);

/** Explains a task in the words of ECS alone: no agent has been heard. */
export function explainDescribedTask(task: DescribedTask): Explanation {
  const { lastStatus, stopCode, stoppedReason } = task;
  if (lastStatus && !ENDED.has(lastStatus.toUpperCase()) && !stopCode && !stoppedReason) {
    return {
      cause: null,
      fault: null,
      retry: null,
      sentence: `The task has not ended: ECS says ${lastStatus}`,
      remedy: 'Ask again when it has stopped',
      evidence: [`ECS status: ${lastStatus}`],
    };
  }
  const container = tellingContainer(task);
  const containerReason = container?.reason || attachmentReason(task);
  const exitCode = container?.exitCode ?? null;
  if (!stopCode && exitCode === null && !stoppedReason?.trim() && !containerReason?.trim()) return NOTHING_SAID;
  return explainStop({
    stopCode: stopCode || null,
    stoppedReason: stoppedReason ?? null,
    containerReason,
    exitCode,
    agentCause: null,
    memoryLimitBytes: parseMemoryLimit(container?.memory) ?? parseMemoryLimit(task.memory),
  });
}

/**
 * Returns the container that tells most about the end: the build's, and of a task that is none of Wip's one with a reason, else
 * one that failed.
 */
function tellingContainer(task: DescribedTask) {
  const all = task.containers ?? [];
  const build = findBuildContainer(task);
  // A start may have failed for a helper; ECS says nothing of the build's container then.
  if (build && (build.reason || typeof build.exitCode === 'number')) return build;
  return (
    all.find(({ reason }) => reason) ??
    all.find(({ exitCode }) => typeof exitCode === 'number' && exitCode !== 0) ??
    all.find(({ exitCode }) => typeof exitCode === 'number') ??
    all[0]
  );
}

/** ECS says in the details of an attachment why an interface or a volume could not be attached. */
function attachmentReason({ attachments }: DescribedTask): string | null {
  const details = (attachments ?? []).flatMap((attachment) => attachment.details ?? []);
  return details.find(({ name, value }) => name === 'statusReason' && value)?.value ?? null;
}

export function explainDescribedFailure({ arn, reason, detail }: DescribedFailure): Explanation {
  if (reason === 'MISSING' && /:task\//.test(arn ?? '')) {
    return {
      cause: 'task-missing',
      fault: 'system',
      retry: 'never',
      sentence: 'ECS does not know the task, or not any more: it forgets a stopped one after an hour',
      remedy: 'Look at cluster, region and account, or at the recorded events of the cluster',
      evidence: [`DescribeTasks failure: MISSING ${arn ?? ''}`],
    };
  }
  return explainRunTaskFailure(reason ?? '', detail ?? '');
}
