import { z } from 'zod';
import { messageOf } from '../../../shared/model/error.ts';
import { fieldProblems, sayProblem } from '../../../shared/text/field-problems.ts';
import { BasicWip } from '../basic-wip.ts';
import { checkAnswers } from './check-answers.ts';
import { ContainerWip } from '../container/container-wip.ts';
import { isPromise, wrongClass } from './wrong-class.ts';
import { NO_TASK, type CreateTask } from './no-task.ts';

const Answers = z.record(z.string(), z.array(z.string()));

/**
 * Calls what the linter, the drawing and the nodes read of a class, so that mistakes there are told as those of its author.
 * Throws KIND_INVALID.
 */
export function checkClass(name: string, create: CreateTask, wip: BasicWip): void {
  const table = readText(name, 'getStateTable()', () => wip.getStateTable());
  // Nodes read it again for each task that they take, and go on in it where another node has been.
  if (readText(name, 'getStateTable()', () => create(NO_TASK).getStateTable()) !== table)
    throw wrongClass(`"getStateTable()" of ${name} returns another table each time`, SAME);
  readText(name, 'kind', () => wip.kind);
  const transitions = read(name, 'transitions', () => wip.transitions);
  const answers = Answers.safeParse(transitions, { error: sayProblem });
  if (!answers.success) {
    const problems = fieldProblems(answers.error).map(({ path, message }) => `${path} ${message}`.trim());
    throw wrongClass(`"transitions" of ${name} lists no answers: ${problems.join('; ')}`, LIST);
  }
  checkAnswers(name, create, wip);
  if (!(wip instanceof ContainerWip)) return;
  readText(name, 'getContainerStartState()', () => wip.getContainerStartState());
  readText(name, 'getContainerStopState()', () => wip.getContainerStopState());
}

const SAME =
  'It must be the same for every task and at any time: let nothing in it depend on time, chance or a counter';
const LIST = 'Return an object with a list of texts for each transition method: { look: ["done", "wait"] }';

function readText(name: string, member: string, get: () => unknown): string {
  const value = read(name, member, get);
  if (typeof value === 'string') return value;
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
  // The rejection of this promise is a consequence of the mistake that is told here.
  void value.catch(() => undefined);
  throw isPromise(name, member);
}
