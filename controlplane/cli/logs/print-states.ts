import { mergeByTime } from '../../api/tasks/streams/stream-events.ts';
import type { LogView, StepView } from '../../api/tasks/recording/task-recording-views.ts';
import type { CliContext } from '../cli-context.ts';
import type { TaskEvent } from '../client/watch-event.ts';
import { logText } from '../output/log-text.ts';
import { isWaitingTurn, stepText } from '../output/task-printer.ts';
import { paintFor, type Paint } from '../output/text.ts';
import type { LogsRequest } from './logs-request.ts';
import { writeEvent } from './print-output.ts';

type StateEvent = Extract<TaskEvent, { kind: 'state' | 'log' }>;

/** Prints the states and the log of a task, in the order of their times. */
export async function printStates(request: LogsRequest, context: CliContext): Promise<void> {
  const { client, task, filter, tail } = request;
  const [steps, logs] = await Promise.all([client.readSteps(task.id), client.readLogs(task.id)]);
  const all = mergeByTime([steps.map(stateEvent), logs.map(logEvent)])
    .map(({ event }) => event)
    .filter((event) => isSince(event, filter.since))
    .filter(createRepeatFilter(steps, request.format));
  const events = tail === null ? all : all.slice(Math.max(0, all.length - tail));
  for (const event of events) writeState(event, request, context);
  if (events.length === 0) context.err.write(`Task ${task.id} has logged nothing${all.length > 0 ? '' : ' yet'}.\n`);
}

export function isSince(event: StateEvent, since: string | null): boolean {
  return since === null || Date.parse(atOf(event)) >= Date.parse(since);
}

export function writeState(event: StateEvent, { format }: LogsRequest, context: CliContext): void {
  if (format === 'json') return writeEvent(context, event);
  const paint = paintFor(context.out, context.environment);
  context.out.write(`${paint('dim', atOf(event))}  ${textOf(event, paint)}\n`);
}

/**
 * Leaves out repeated checks of a waiting state, and log lines about transitions, which the states already show. Programs get
 * everything.
 */
export function createRepeatFilter(
  known: readonly StepView[],
  format: 'text' | 'json',
): (event: StateEvent) => boolean {
  const nameOf = ({ from, to }: { readonly from: string | null; readonly to: string }): string => `${from} ${to}`;
  const taken = new Set(known.map(nameOf));
  return (event) => {
    if (format === 'json') return true;
    if (event.kind === 'state') {
      taken.add(nameOf(event.step));
      return !isWaitingTurn(event.step);
    }
    const [, from, to] = /^\[(\S+)\] -> \{.*\} -> \[(\S+)\]$/.exec(event.log.message) ?? [];
    return from === undefined || to === undefined || !taken.has(nameOf({ from, to }));
  };
}

function textOf(event: StateEvent, paint: Paint): string {
  return event.kind === 'state' ? stepText(event.step, paint) : logText(event.log, paint);
}

function atOf(event: StateEvent): string {
  return event.kind === 'state' ? event.step.at : event.log.at;
}

function stateEvent(step: StepView): { at: string; event: StateEvent } {
  return { at: step.at, event: { kind: 'state', step } };
}

function logEvent(log: LogView): { at: string; event: StateEvent } {
  return { at: log.at, event: { kind: 'log', log } };
}
