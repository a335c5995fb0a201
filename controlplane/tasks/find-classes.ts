import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { BasicWip, type TaskFacts, type WipClass } from './basic-wip.ts';

/** A task without options, for reading a class's table: tables do not depend on options. */
export const NO_TASK: TaskFacts<object> = { uuid: '00000000-0000-0000-0000-000000000000', options: {} };

export function isTaskClass(value: unknown): value is new (task: TaskFacts<object>) => BasicWip {
  return typeof value === 'function' && typeof value.prototype?.getStateTable === 'function';
}

/** Returns whether the value was made by `defineWip`. */
export function isDefined(value: unknown): value is WipClass {
  return typeof value === 'object' && value !== null && 'kind' in value && 'create' in value && 'options' in value;
}

/** Creates a task of a class to read its table and its methods. It does not run. Throws USAGE. */
export function createWithoutOptions(name: string, create: () => BasicWip): BasicWip {
  const wip = tryToCreate(name, create);
  // The linter and the engine know the classes of this very copy of the package only.
  if (wip instanceof BasicWip) return wip;
  throw new OperationalError('USAGE', {
    happened: `${name} extends a class of another copy of wip-ecs than this wipctl belongs to`,
    remedy: 'Use the wipctl of the project that the class is in: "npx wipctl" there',
  });
}

function tryToCreate(name: string, create: () => BasicWip): unknown {
  try {
    return create();
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `A task of ${name} cannot be made without options: ${messageOf(cause).replace(/\.$/, '')}`,
      remedy: 'Read options where they are used, not in the constructor',
      cause,
    });
  }
}
