import type { BasicWip, TaskFacts } from '../basic-wip.ts';

export type CreateTask = (task: TaskFacts<object>) => BasicWip;

/** A task without options, for reading a class's table: tables do not depend on options. */
export const NO_TASK: TaskFacts<object> = { uuid: '00000000-0000-0000-0000-000000000000', options: {} };

/**
 * Returns whether a class answers the same of every task: it reads no option for it, nor when a task is made. A class may answer
 * what it likes of a task that lacks an option which every real one has.
 */
export function isSameForAll(create: CreateTask, ask: (wip: BasicWip) => unknown): boolean {
  const { object: options, wasRead } = watchedObject();
  try {
    const answer = ask(create({ ...NO_TASK, options }));
    if (answer instanceof Promise) void answer.catch(() => undefined); // it has been told already
  } catch {
    return false;
  }
  return !wasRead();
}

/** Returns what a class throws whenever it is asked, whatever the options; null when it may answer of a task that has some. */
export function thrownForAll(create: CreateTask, ask: (wip: BasicWip) => unknown): { readonly error: unknown } | null {
  const { object: options, wasRead } = watchedObject();
  try {
    ask(create({ ...NO_TASK, options }));
    return null;
  } catch (error) {
    return wasRead() ? null : { error };
  }
}

/** Returns an object without fields, and whether one has been looked for in it. */
export function watchedObject(): { readonly object: Record<string, unknown>; readonly wasRead: () => boolean } {
  let isRead = false;
  const told = <T>(value: T): T => {
    isRead = true;
    return value;
  };
  const object = new Proxy<Record<string, unknown>>(
    {},
    {
      // Without the Proxy as its receiver, which would be asked for the field.
      set: (target, name, value) => Reflect.set(target, name, value),
      get: (target, name) => told(Reflect.get(target, name)),
      has: (target, name) => told(Reflect.has(target, name)),
      ownKeys: (target) => told(Reflect.ownKeys(target)),
      getOwnPropertyDescriptor: (target, name) => told(Reflect.getOwnPropertyDescriptor(target, name)),
    },
  );
  return { object, wasRead: () => isRead };
}
