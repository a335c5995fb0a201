import { setTimeout as delay } from 'node:timers/promises';
import type { TaskView } from '../../../controlplane/api/tasks/task-views.ts';
import type { WipClient } from '../../../controlplane/cli/client/wip-client.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { secondsOf, type Duration } from '../duration.ts';
import type { Awaited } from '../started-wip.ts';
import { TestkitError } from '../testkit-error.ts';
import type { TaskScripts } from './task-scripts.ts';

const LOOK_MS = 20;
const SHOWN_STEPS = 12;

interface Observer {
  readonly client: WipClient;
  readonly scripts: Pick<TaskScripts, 'problem'>;
  /** Throws when the system was closed: no node will answer any more. */
  readonly checkOpen: (what: string) => void;
  /** Names of the living nodes. */
  readonly nodes: () => readonly string[];
}

/** Looks at a task until it has come to what is awaited. `within` is real time. */
export async function untilTask(observer: Observer, id: number, what: Awaited, within: Duration): Promise<TaskView> {
  const endMs = performance.now() + secondsOf(within) * 1_000;
  let last: TaskView | null = null;
  for (;;) {
    observer.checkOpen('until');
    if (observer.scripts.problem) throw observer.scripts.problem;
    last = (await lookAt(observer.client, id)) ?? last;
    if (last && (await hasCome(observer.client, last, what))) return last;
    const ended = last?.status === 'COMPLETE';
    if (ended) throw await tooEarly(observer.client, last!, what);
    if (performance.now() > endMs) throw await tooLate(observer, { id, last, what, within });
    await delay(LOOK_MS);
  }
}

// Codes of a node that cannot be reached, and of one that cannot use its database now.
const PASSING: ReadonlySet<string> = new Set(['CONTROL_PLANE_UNREACHABLE', 'DATABASE_UNAVAILABLE']);

/** Returns null while no node answers: one may have been killed, or the machine of the test may be too busy. */
async function lookAt(client: WipClient, id: number): Promise<TaskView | null> {
  try {
    return await client.findTask(id);
  } catch (error) {
    if (error instanceof OperationalError && PASSING.has(error.code)) return null;
    throw error;
  }
}

async function hasCome(client: WipClient, task: TaskView, what: Awaited): Promise<boolean> {
  if (what === 'end') return task.status === 'COMPLETE';
  if (typeof what === 'function') return what(task);
  if (task.state === what.state) return true;
  // The task may have been there between two looks.
  const steps = await client.readSteps(task.id).catch(() => []);
  return steps.some(({ to }) => to === what.state);
}

function nameOf(what: Awaited): string {
  if (what === 'end') return 'its end';
  return typeof what === 'function' ? 'what the test awaits' : `the state ${what.state}`;
}

async function tooEarly(client: WipClient, task: TaskView, what: Awaited): Promise<TestkitError> {
  const end = `${task.exitStatus}: ${task.why}`;
  return new TestkitError(
    `Task ${task.id} ended before it came to ${nameOf(what)}. ${end}\n${await pathOf(client, task.id)}`,
  );
}

async function tooLate(
  { client, nodes }: Observer,
  { id, last, what, within }: { id: number; last: TaskView | null; what: Awaited; within: Duration },
): Promise<TestkitError> {
  const seconds = secondsOf(within);
  const late = `Task ${id} did not come to ${nameOf(what)} within ${seconds} s.`;
  if (nodes().length === 0) return new TestkitError(`${late} No node lives: start one with startNode()`);
  if (!last) return new TestkitError(`${late} No node answered.`);
  const where = `It is in the state ${last.state ?? 'none'}. ${last.why}`;
  return new TestkitError(`${late} ${where}\n${await pathOf(client, id)}`);
}

/** Returns the last steps of a task, one a line, for the reader of a failure. */
async function pathOf(client: WipClient, id: number): Promise<string> {
  const steps = await client.readSteps(id).catch(() => []);
  const lines = steps
    .slice(-SHOWN_STEPS)
    .map(({ from, value, to, note }) => `  ${from ?? ''} => '${value ?? ''}' => ${to}${note ? ` (${note})` : ''}`);
  return lines.length === 0 ? 'It has taken no step.' : `Its last steps:\n${lines.join('\n')}`;
}
