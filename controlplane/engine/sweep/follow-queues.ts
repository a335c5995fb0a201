import type { NamedQueue, QueueMessage } from '../../ecs/client/event-queue.ts';
import { parseQueuedEvent } from '../../ecs/client/task-event.ts';
import { findLaunchedByArn } from '../../store/attempts/find-attempt.ts';
import { listSweepers } from '../../store/settings/nodes.ts';
import { hasShare } from './decide-share.ts';
import { observe, type SweepDeps } from './sweep-containers.ts';

/** The outcome of a message: `unanswered` ones stay in the queue, all others are deleted. */
export type EventOutcome = 'observed' | 'foreign' | 'malformed' | 'unanswered' | 'given-up';

export interface FollowDeps extends SweepDeps {
  readonly listEventQueues: () => Promise<readonly NamedQueue[]>;
  readonly onEvent: (outcome: EventOutcome) => void;
}

// Queues come and go with the rows of clusters, and change hands with the nodes that live.
const ROUND_MS = 30_000;
const PAUSE_MS = 5_000;
/** After this many deliveries without an answer of ECS about its task, a message is given up: the sweep asks about the task anyway. */
const MAX_DELIVERIES = 5;

/**
 * Reads the queues of ECS events. A message causes a DescribeTasks of its task at once, instead of at the next sweep. Only that
 * answer counts; the content of the message is not trusted. Each queue is read by one node. Runs until `abort`.
 */
export async function followQueues(deps: FollowDeps, abort: AbortSignal): Promise<void> {
  while (!abort.aborted) {
    try {
      const queues = await deps.listEventQueues();
      const sweepers = queues.length === 0 ? null : await listSweepers(deps.db);
      const own = queues.filter(({ url }) => sweepers && hasShare(`events/${url}`, deps.node, sweepers));
      if (own.length > 0) {
        const untilMs = deps.clock.monotonicMs() + ROUND_MS;
        await Promise.all(own.map((queue) => readQueue(deps, queue, { untilMs, abort })));
        continue;
      }
    } catch (error) {
      if (!deps.outage.note(error, 'looking for queues of events')) {
        deps.log.warn({ err: error }, 'the queues of events could not be listed');
      }
    }
    await deps.clock.sleep(PAUSE_MS, abort);
  }
}

async function readQueue(
  deps: FollowDeps,
  queue: NamedQueue,
  { untilMs, abort }: { readonly untilMs: number; readonly abort: AbortSignal },
): Promise<void> {
  while (!abort.aborted && deps.clock.monotonicMs() < untilMs) {
    try {
      const messages = await queue.receive(abort);
      const outcomes = await Promise.all(messages.map((message) => follow(deps, message)));
      for (const outcome of outcomes) deps.onEvent(outcome);
      await queue.remove(messages.filter((_, index) => outcomes[index] !== 'unanswered'));
    } catch (error) {
      if (abort.aborted) return;
      if (!deps.outage.note(error, 'following events')) {
        deps.log.warn({ err: error, queue: queue.url }, 'a queue of events could not be read');
      }
      await deps.clock.sleep(PAUSE_MS, abort);
    }
  }
}

async function follow(deps: FollowDeps, message: QueueMessage): Promise<EventOutcome> {
  const event = parseQueuedEvent(message.body);
  if (event.kind !== 'task') return event.kind;
  const attempt = await findLaunchedByArn(deps.db, event.arn);
  // The ECS task is not Wip's, or its end is already known.
  if (!attempt) return 'foreign';
  const { ecs } = await deps.clusters.openOf(attempt);
  const snapshot = await ecs.describe(event.arn, 'fresh');
  if (snapshot.kind === 'unknown') return message.deliveries >= MAX_DELIVERIES ? 'given-up' : 'unanswered';
  await observe(deps, attempt, snapshot);
  return 'observed';
}
