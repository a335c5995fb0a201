import { z } from 'zod';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { fieldProblems, sayProblem } from '../../shared/support/field-problems.ts';
import { BasicWip } from './basic-wip.ts';
import { ContainerWip } from './container-wip.ts';

const Answers = z.record(z.string(), z.array(z.string()));

/**
 * Calls what the linter, the drawing and the nodes read of a class, so that mistakes there are told as those of its author.
 * Throws KIND_INVALID.
 */
export function checkClass(name: string, wip: BasicWip): void {
  readText(name, 'getStateTable()', () => wip.getStateTable());
  readText(name, 'kind', () => wip.kind);
  const transitions = read(name, 'transitions', () => wip.transitions);
  const answers = Answers.safeParse(transitions, { error: sayProblem });
  if (!answers.success) {
    const problems = fieldProblems(answers.error).map(({ path, message }) => `${path} ${message}`.trim());
    throw wrongClass(`"transitions" of ${name} lists no answers: ${problems.join('; ')}`, LIST);
  }
  refusePromises(name, wip);
  if (!(wip instanceof ContainerWip)) return;
  readText(name, 'getContainerStartState()', () => wip.getContainerStartState());
  readText(name, 'getContainerStopState()', () => wip.getContainerStopState());
}

// What a class says of a task that is added, launched, shown or taken over. It may need options, so it may fail here.
const ANSWERS = ['title', 'group', 'priority', 'clusters', 'containerSize'] as const;
const ANSWERING = ['workId', 'interrupted', 'commits', 'statusReport', 'logReport'] as const;

/** Nobody waits for these answers: a promise of one is refused for each task, and so for the class. */
function refusePromises(name: string, wip: BasicWip): void {
  for (const member of ANSWERS) {
    const value = triedValue(wip, member);
    refusePromise(name, member, value);
    if (typeof value === 'function')
      throw wrongClass(`"${member}" of ${name} is a method`, `It is read and not called: write "get ${member}()"`);
  }
  for (const member of ANSWERING) {
    const method = triedValue(wip, member);
    if (typeof method === 'function' && method.constructor.name === 'AsyncFunction')
      throw isPromise(name, `${member}()`);
  }
}

function triedValue(wip: BasicWip, member: (typeof ANSWERS | typeof ANSWERING)[number]): unknown {
  try {
    return wip[member];
  } catch {
    return undefined; // it needs options, and is read again of a task that has them
  }
}

const LIST = 'Return an object with a list of texts for each transition method: { look: ["done", "wait"] }';

function readText(name: string, member: string, get: () => unknown): void {
  const value = read(name, member, get);
  if (typeof value === 'string') return;
  const is = value === null || value === undefined ? String(value) : `a value of type ${typeof value}`;
  throw wrongClass(`"${member}" of ${name} is ${is} instead of a text`, 'Return a text');
}

function read(name: string, member: string, get: () => unknown): unknown {
  let value: unknown;
  try {
    value = get();
  } catch (cause) {
    throw wrongClass(
      `"${member}" of ${name} failed: ${messageOf(cause).replace(/\.$/, '')}`,
      'It is read of a task without options, and must be the same for every task',
      cause,
    );
  }
  refusePromise(name, member, value);
  return value;
}

function refusePromise(name: string, member: string, value: unknown): void {
  if (!(value instanceof Promise)) return;
  // Its error, if it has one, is a consequence of this one.
  void value.catch(() => undefined);
  throw isPromise(name, member);
}

function isPromise(name: string, member: string): OperationalError {
  return wrongClass(`"${member}" of ${name} is a promise`, 'It is read at once: take the word "async" away');
}

function wrongClass(happened: string, remedy: string, cause?: unknown): OperationalError {
  return new OperationalError('KIND_INVALID', { happened, remedy, cause });
}
