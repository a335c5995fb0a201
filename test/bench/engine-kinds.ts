import { BASIC_OPTIONS, BasicWip } from '../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../controlplane/tasks/context.ts';
import { defineWip } from '../../controlplane/tasks/kinds.ts';

const waiting = new Map<number, (atMs: number) => void>();

/** When the task next runs its transition method because of a signal. */
export function onHeard(task: number): Promise<number> {
  return new Promise((resolve) => waiting.set(task, resolve));
}

/** Waits for signals for ever and consumes each. */
class Listener extends BasicWip {
  override getStateTable(): string {
    return 'start:hear {\n  more  start wait=3600 exec=false\n}\nfailure {\n  * finish\n}\n';
  }
  hear(context: WipContext): string {
    const atMs = performance.now();
    const signals = context.inbox.all();
    for (const { id } of signals) context.inbox.consume(id);
    const tell = waiting.get(context.taskId);
    if (signals.length > 0 && tell) {
      waiting.delete(context.taskId);
      tell(atMs);
    }
    return 'more';
  }
}

let spun: () => void = () => undefined;

/** Told at each step of a spinner. */
export function onSpun(listener: () => void): void {
  spun = listener;
}

/** Walks between two states without a wait, saved each time. */
class Spinner extends BasicWip {
  override getStateTable(): string {
    return 'start {\n  * turn\n}\nturn {\n  * start\n}\nfailure {\n  * finish\n}\n';
  }
  override start(): void {
    spun();
  }
  turn(): void {
    spun();
  }
}

export const LISTENER = defineWip({
  kind: 'Listener',
  version: 1,
  options: BASIC_OPTIONS,
  create: (task) => new Listener(task),
});
export const SPINNER = defineWip({
  kind: 'Spinner',
  version: 1,
  options: BASIC_OPTIONS,
  create: (task) => new Spinner(task),
});
