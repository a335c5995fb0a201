import { messageOf } from '../../../shared/model/error.ts';
import { backoffMs } from '../../../shared/time/backoff.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { afterOutput } from '../../api/tasks/streams/stream-events.ts';
import { TaskEvent } from './watch-event.ts';
import type { WipClient } from './wip-client.ts';
import { mayComeBack, PATIENCE_MS, RETRY, UnreadableEvent } from './may-come-back.ts';
import type { ServerSentEvent } from '../server-sent-events.ts';
import { brokenOff } from './read-answer.ts';

interface FollowOptions {
  readonly clock: Clock;
  readonly abort: AbortSignal;
  /** Only pieces of output with a greater id are yielded. */
  readonly outputAfter?: number;
}

/** Yields every event of the task from its beginning to `end`, across lost connections. Returns early when aborted. */
export async function* followTask(client: WipClient, id: number, options: FollowOptions): AsyncGenerator<TaskEvent> {
  let lastEventId = options.outputAfter === undefined ? '' : afterOutput(options.outputAfter);
  let wasReached = false;
  let waitedMs = 0;
  for (let failures = 0; !options.abort.aborted;) {
    let why = 'the server closed it';
    try {
      for await (const { id: eventId, event, data } of client.openStream(id, lastEventId, options.abort)) {
        const parsed = readEvent(client.url, { event, data });
        if (parsed) yield parsed;
        if (parsed?.kind === 'end') return;
        // An event with the same id only repeats the state of the task and is not progress: a stream that always breaks after it
        // would be retried for ever.
        if (eventId !== lastEventId) failures = waitedMs = 0;
        lastEventId = eventId;
        wasReached = true;
      }
      if (options.abort.aborted) return;
    } catch (error) {
      if (options.abort.aborted) return;
      // A server that was never reached is not a lost connection: a mistyped address must fail at once.
      if (!wasReached || waitedMs >= PATIENCE_MS || !mayComeBack(error)) throw error;
      why = messageOf(error);
    }
    if (waitedMs >= PATIENCE_MS) throw brokenOff({ method: 'GET', url: client.url }, new Error(why));
    if (failures === 0) yield { kind: 'lost', why };
    failures += 1;
    const pauseMs = backoffMs(RETRY, failures, Math.random);
    waitedMs += pauseMs;
    await options.clock.sleep(pauseMs, options.abort);
  }
}

function readEvent(url: string, { event, data }: Pick<ServerSentEvent, 'event' | 'data'>): TaskEvent | undefined {
  try {
    return parseEvent(event, data);
  } catch (cause) {
    throw new UnreadableEvent(url, event, cause);
  }
}

/** Returns undefined for events of a newer server that this program does not know. */
function parseEvent(event: string, data: string): TaskEvent | undefined {
  const json = (): unknown => JSON.parse(data);
  switch (event) {
    case 'task':
    case 'end':
      return TaskEvent.parse({ kind: event, task: json() });
    case 'state':
      return TaskEvent.parse({ kind: event, step: json() });
    case 'log':
      return TaskEvent.parse({ kind: event, log: json() });
    case 'output':
      return TaskEvent.parse({ kind: event, output: json() });
    default:
      return undefined;
  }
}
