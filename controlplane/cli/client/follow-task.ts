import type { z } from 'zod';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { backoffMs } from '../../../shared/support/backoff.ts';
import type { Clock } from '../../../shared/support/clock.ts';
import { LogView, OutputView, StepView, TaskView } from '../../api/tasks/task-views.ts';
import type { WipClient } from './wip-client.ts';
import { ServerRefusal } from './server-refusal.ts';

export type TaskEvent =
  | { readonly kind: 'task' | 'end'; readonly task: TaskView }
  | { readonly kind: 'state'; readonly step: StepView }
  | { readonly kind: 'log'; readonly log: LogView }
  | { readonly kind: 'output'; readonly output: OutputView }
  /** The connection broke and is being made again. No event is lost. */
  | { readonly kind: 'lost'; readonly why: string };

interface FollowOptions {
  readonly clock: Clock;
  readonly abort: AbortSignal;
}

// A restart of the server takes seconds. Ten failed tries (about a minute) end the watching.
const RETRIES = 10;
const RETRY = { firstMs: 500, maxMs: 10_000, factor: 1.5 };

/** Yields every event of the task from its beginning to `end`, across lost connections. Returns early when aborted. */
export async function* followTask(client: WipClient, id: number, options: FollowOptions): AsyncGenerator<TaskEvent> {
  let lastEventId = '';
  for (let failures = 0; !options.abort.aborted;) {
    let why = 'the server closed it';
    try {
      for await (const { id: eventId, event, data } of client.openStream(id, lastEventId, options.abort)) {
        const parsed = parseEvent(event, data);
        if (parsed) yield parsed;
        if (parsed?.kind === 'end') return;
        lastEventId = eventId;
        failures = 0;
      }
    } catch (error) {
      if (options.abort.aborted) return;
      // A server that was never reached is not a lost connection: a mistyped address must fail at once.
      if (lastEventId === '' || failures >= RETRIES || !mayComeBack(error)) throw error;
      why = messageOf(error);
    }
    if (failures === 0) yield { kind: 'lost', why };
    failures += 1;
    await options.clock.sleep(backoffMs(RETRY, failures, Math.random), options.abort);
  }
}

function mayComeBack(error: unknown): boolean {
  if (error instanceof ServerRefusal) return error.status >= 500;
  return error instanceof OperationalError && error.code === 'CONTROL_PLANE_UNREACHABLE';
}

/** Returns undefined for events of a newer server that this program does not know. */
function parseEvent(event: string, data: string): TaskEvent | undefined {
  switch (event) {
    case 'task':
    case 'end':
      return { kind: event, task: parse(TaskView, data) };
    case 'state':
      return { kind: 'state', step: parse(StepView, data) };
    case 'log':
      return { kind: 'log', log: parse(LogView, data) };
    case 'output':
      return { kind: 'output', output: parse(OutputView, data) };
    default:
      return undefined;
  }
}

function parse<T extends z.ZodType>(schema: T, json: string): z.output<T> {
  return schema.parse(JSON.parse(json));
}
