import type { QueueView, GateView } from '../../api/queue/queue-views.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { showAge, showClock, showCount, showInstant, showSeconds } from '../format.ts';
import { isEnded, isInQueue } from '../status-words.ts';

const PAUSES: ReadonlySet<string> = new Set<GateView['code']>(['task-paused', 'all-paused', 'group-paused']);

/** The reason of a task that waits, as far as gates go. */
interface Waits {
  readonly waiting: { readonly code: string } | null;
}

/** Whether a gate can keep the task from going on: it waits to start, or a pause holds it after its start. */
export function hasGates(task: Pick<TaskSummary, 'status' | 'isPaused'> & Waits): boolean {
  if (isEnded(task)) return false;
  return isInQueue(task) || task.isPaused || PAUSES.has(task.waiting?.code ?? '');
}

/** Since when a gate is closed, and by whom: `closed for 3 m 41 s, since 14:28:27, by ana`. Empty for an open one. */
export function gateDetail({ isOpen, since, by }: GateView, nowMs: number): string {
  if (isOpen) return '';
  const forHow =
    since === null ? [] : [`for ${showAge(nowMs - Date.parse(since))}, since ${showInstant(since, nowMs)}`];
  const words = [...forHow, ...(by === null ? [] : [`by ${by}`])];
  return words.length === 0 ? 'closed; since when is not known' : `closed ${words.join(', ')}`;
}

/** When a task starts, in two words or a time of day; null: it is not in a queue. */
export function startText({ gates, position, expectedStartAt }: QueueView, nowMs: number): string | null {
  return startTextOf({ closed: gates.filter(({ isOpen }) => !isOpen), position, expectedStartAt }, nowMs);
}

interface Start extends Pick<QueueView, 'position' | 'expectedStartAt'> {
  readonly closed: readonly Pick<GateView, 'code'>[];
}

/** The same of a task whose closed gates are known. */
export function startTextOf({ closed, position, expectedStartAt }: Start, nowMs: number): string | null {
  if (closed.some(({ code }) => code === 'not-released')) return 'when released';
  if (closed.some(({ code }) => PAUSES.has(code))) return 'when resumed';
  if (position === null) return null;
  if (closed.length === 0 && position === 1) return 'now';
  if (expectedStartAt === null) return 'not known';
  // An estimate that has come true keeps moving with the clock: those before it take longer than usual.
  if (Date.parse(expectedStartAt) <= nowMs + 1000) return 'any moment';
  return showClock(expectedStartAt);
}

const REASONS: readonly { readonly words: string; readonly has: (code: string) => boolean }[] = [
  { words: 'for a place', has: (code) => code === 'group-full' },
  { words: 'for a target', has: (code) => code === 'target-in-use' },
  { words: 'paused', has: (code) => PAUSES.has(code) },
  { words: 'without a node of their version', has: (code) => code === 'class-missing' },
  { words: 'not released', has: (code) => code === 'not-released' },
];

/** What the tasks of a queue wait for: `3 for a place, 1 paused, 2 start next`. */
export function waitBreakdown(tasks: readonly Waits[]): string {
  const codes = tasks.map(({ waiting }) => waiting?.code ?? '');
  const known = REASONS.map(({ words, has }) => ({ words, count: codes.filter(has).length }));
  const rest = tasks.length - known.reduce((sum, { count }) => sum + count, 0);
  return [...known, { words: rest === 1 ? 'starts next' : 'start next', count: rest }]
    .filter(({ count }) => count > 0)
    .map(({ words, count }) => `${showCount(count)} ${words}`)
    .join(', ');
}

/** Whether more places in the group would let a task start sooner: nothing but its full group holds it. */
export function wouldMorePlacesHelp({ gates }: Pick<QueueView, 'gates'>): boolean {
  const closed = gates.filter(({ isOpen }) => !isOpen);
  return closed.length > 0 && closed.every(({ code }) => code === 'group-full');
}

/** The closed gates come first: they are what one looks for. The order within each kind stays. */
export function closedFirst(gates: readonly GateView[]): GateView[] {
  return [...gates.filter(({ isOpen }) => !isOpen), ...gates.filter(({ isOpen }) => isOpen)];
}

/** Waits below this are none for a person, and are shown as "0.0 s". */
const NO_WAIT_SECONDS = 0.05;

/** How long tasks of a group usually wait. */
export function usualWaitText({
  medianSeconds,
  p95Seconds,
}: {
  readonly medianSeconds: number;
  readonly p95Seconds: number;
}): string {
  if (p95Seconds < NO_WAIT_SECONDS) return 'tasks of this group usually start at once';
  const usual = medianSeconds < NO_WAIT_SECONDS ? 'start at once' : `wait ${showSeconds(medianSeconds)}`;
  return `tasks of this group usually ${usual}, and 95 % of them wait ${showSeconds(p95Seconds)} at most`;
}
