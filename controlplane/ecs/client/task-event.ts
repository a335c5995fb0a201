import { z } from 'zod';

/** What a message of an event queue is about. A body is a hint: nobody signs it, it may be late, doubled or invented. */
export type QueuedEvent =
  | { readonly kind: 'task'; readonly arn: string }
  /** An event about something else: another service, a service deployment, a container instance. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'malformed' };

const Event = z.object({ source: z.string(), 'detail-type': z.string(), detail: z.unknown() });
// The longest ARN of a task has some 350 characters (a cluster's name has 255).
const Detail = z.object({ taskArn: z.string().max(512).startsWith('arn:') });

/** Parses the body of a message as EventBridge puts it into a queue ("Amazon ECS events", task state change events). */
export function parseQueuedEvent(body: string): QueuedEvent {
  const event = Event.safeParse(parseJson(body));
  if (!event.success) return { kind: 'malformed' };
  const { source, 'detail-type': type, detail } = event.data;
  if (source !== 'aws.ecs' || type !== 'ECS Task State Change') return { kind: 'foreign' };
  const task = Detail.safeParse(detail);
  return task.success ? { kind: 'task', arn: task.data.taskArn } : { kind: 'malformed' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
