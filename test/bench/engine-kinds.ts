import { BASIC_OPTIONS, BasicWip } from '../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../controlplane/tasks/context.ts';
import { defineWip } from '../../controlplane/tasks/kinds.ts';
import { machineMs } from './lanes.ts';

let heard: (task: number, atMs: number) => void = () => undefined;

/** The listener is called whenever a task runs its transition method because of a signal. */
export function onHeard(listener: (task: number, atMs: number) => void): void {
  heard = listener;
}

/** Waits for signals for ever and consumes each. */
class Listener extends BasicWip {
  override getStateTable(): string {
    return 'start:hear {\n  more  start wait=3600 exec=false\n}\nfailure {\n  * finish\n}\n';
  }
  hear(context: WipContext): string {
    const atMs = machineMs();
    const signals = context.inbox.all();
    for (const { id } of signals) context.inbox.consume(id);
    if (signals.length > 0) heard(context.taskId, atMs);
    return 'more';
  }
}

let spun: () => void = () => undefined;

/** The listener is called at each step of a spinner. */
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
