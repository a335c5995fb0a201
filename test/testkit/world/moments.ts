import type { TaskId } from '../../../shared/model/ids.ts';
import type { ParsedScript } from '../script.ts';
import type { World } from './world.ts';

/** Lets people terminate and pause the task, and nodes die, when the script says so. */
export function planMoments(world: World, script: ParsedScript, task: TaskId): void {
  const { clock, record } = world;
  const { terminate, pause } = script;
  const atState = new Map<string, (() => void)[]>();
  const plan = (moment: { at?: string | undefined; after?: number | undefined } | undefined, act: () => void): void => {
    if (moment?.after !== undefined) clock.at(clock.nowMs + moment.after * 1000, act);
    if (moment?.at !== undefined) atState.set(moment.at, [...(atState.get(moment.at) ?? []), act]);
  };
  plan(terminate, () => {
    world.parts.used.add('terminate');
    record.requestTermination(task);
  });
  plan(pause, () => {
    world.parts.used.add('pause');
    record.setPaused(task, true);
    clock.at(clock.nowMs + pause!.lasts * 1000, () => record.setPaused(task, false));
  });
  world.onEntering = (state) => {
    const acts = atState.get(state) ?? [];
    atState.delete(state);
    for (const act of acts) act();
  };
}

/** Thrown where a node dies: nothing of the step under way is saved. */
export class NodeDied extends Error {
  override readonly name = 'NodeDied';
}

type Moment = 'before-method' | 'after-method';

/** Lets the node die at the takeovers of the script. */
export function planTakeovers(world: World, { takeovers }: ParsedScript, task: TaskId): void {
  if (takeovers.length === 0) return;
  const died = new Map<string, number>();
  const momentOf = (point: string, where: string): Moment | null => {
    if (point === 'after-state') return 'after-method';
    if (point === 'after-save-entering') return 'before-method';
    // An entry that is repeated is not saved again.
    const isRepeated = point === 'after-begin' && world.record.task(task).row.entering === where;
    return isRepeated ? 'before-method' : null;
  };
  world.failpoint = (point, where = '') => {
    const moment = momentOf(point, where);
    const times = died.get(where) ?? 0;
    const index =
      takeovers === 'everywhere'
        ? -1
        : takeovers.findIndex((one) => one.at === where && one.when === moment && times < one.times);
    const isMeant = takeovers === 'everywhere' ? moment === 'after-method' && times < 1 : index >= 0;
    if (!isMeant) return Promise.resolve();
    world.parts.used.add(`takeovers.${index}`);
    died.set(where, times + 1);
    return Promise.reject(new NodeDied(where));
  };
}
