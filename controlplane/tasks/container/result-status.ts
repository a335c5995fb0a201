import type { WipContext } from '../context.ts';
import {
  decideResultStatus,
  recordStatus,
  resultBag,
  takeCompletions,
  type ResultStatus,
} from './check-result-status.ts';

/**
 * Updates the results in the state's bag and returns their status. Completion signals are taken from the inbox first. A
 * process without a signal is asked for over SSH, and given up when its agent has not known it for a while.
 */
export async function refreshResultStatus(context: WipContext): Promise<ResultStatus> {
  const part = resultBag(context.bag);
  for (const id of takeCompletions(part, context.inbox.all())) context.inbox.consume(id);
  await askForSilentProcesses(context);
  return decideResultStatus(part);
}

async function askForSilentProcesses(context: WipContext): Promise<void> {
  const part = resultBag(context.bag);
  const { giveUpAfterSeconds } = context.settings;
  // Nobody tells of the end of a process in a container without an agent, so each step asks.
  const askAfterSeconds = context.attempt?.isLegacy === true ? 0 : context.settings.askAfterSeconds;
  for (const process of Object.values(part.processes)) {
    if (process.result || secondsBetween(process.askedAt, context.now) < askAfterSeconds) continue;
    const answer = await context.agent.processStatus(process.processId);
    if (answer.kind === 'ok') {
      recordStatus(part, answer.value, context.now);
    } else if (answer.kind === 'agent-refused' && answer.code === 'PROCESS_UNKNOWN') {
      const missingSince = process.missingSince ?? context.now.toISOString();
      const isGivenUp = secondsBetween(missingSince, context.now) >= giveUpAfterSeconds;
      const endTime = Math.floor(context.now.getTime() / 1000);
      part.processes[process.processId] = {
        ...process,
        askedAt: context.now.toISOString(),
        missingSince,
        result: isGivenUp ? { exitCode: null, signal: null, reason: 'killed', endTime } : null,
      };
    }
    // A failed connection says nothing about the process. The witnesses judge what it says about the container.
  }
}

export function secondsBetween(from: string, to: Date): number {
  return (to.getTime() - new Date(from).getTime()) / 1000;
}
