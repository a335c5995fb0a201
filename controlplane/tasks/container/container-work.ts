import type { StartProcess } from '../../../shared/protocol/agent-api.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import { clearResults, resultBag, trackProcess, type TrackedProcess } from './check-result-status.ts';
import { interactionResult } from './interaction-result.ts';
import type { WipContext } from '../context.ts';
import type { EffectScope, SshOutcome } from '../agent-access.ts';

/** Starts the one process of a state, so that checkContainerResultStatus knows its result. */
export async function startTracked(
  context: WipContext,
  body: StartProcess,
  scope: EffectScope = 'entry',
): Promise<void> {
  const part = clearResults(context.bag);
  const started = await context.agent.startProcess(context.state, body, scope);
  if (started.kind === 'ok') {
    trackProcess(context.bag, started.value, context.now);
    return;
  }
  part.results['start'] = interactionResult(started);
  context.log('WARN', `${context.state}: ${started.message}`);
}

/**
 * Makes `no_progress` a value of checkContainerResultStatus for the process that this state has just started. Its start
 * says after how many seconds: `noProgressAfter`. Without this call such a process counts as running.
 */
export function reportOnNoProgress(context: WipContext): void {
  resultBag(context.bag).reportOnNoProgress = true;
}

export interface FileToWrite {
  readonly path: string;
  readonly content: string;
  readonly mode: string;
}

/** Writes the files of a state; the first that fails is the state's result. */
export async function writeTracked(context: WipContext, files: readonly FileToWrite[]): Promise<void> {
  const part = clearResults(context.bag);
  for (const file of files) {
    const written = await context.agent.writeFile(file);
    if (written.kind === 'ok') continue;
    part.results['write'] = interactionResult(written);
    context.log('WARN', `${context.state}: ${written.message}`);
    return;
  }
  part.results['write'] = 'success';
}

/** The process that the context's own state (or the one it is linked to) started. */
export function trackedProcess(context: WipContext, state: string = context.state): TrackedProcess | undefined {
  return Object.values(resultBag(context.bagOf(state)).processes)[0];
}

/** Returns the whole stdout of the state's process. Throws if it is longer than `maxBytes`. */
export async function outputOf(context: WipContext, maxBytes: number): Promise<SshOutcome<string>> {
  const process = trackedProcess(context);
  if (!process) throw new Error(`state ${context.state} has started no process`);
  return await context.agent.output(process.processId, 'stdout', maxBytes);
}

/** Returns the end of the output of another state's process, for people; empty when it is no longer available. */
export async function outputTail(
  context: WipContext,
  state: string,
  streams: readonly StreamName[],
  maxBytes: number,
): Promise<string> {
  const process = trackedProcess(context, state);
  if (!process) return '';
  const texts: string[] = [];
  for (const stream of streams) {
    const tail = await context.agent.outputTail(process.processId, stream, maxBytes);
    if (tail.kind === 'ok' && tail.value !== '') texts.push(tail.value.trimEnd());
  }
  return texts.join('\n');
}
