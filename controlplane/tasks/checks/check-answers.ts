import { z } from 'zod';
import { messageOf } from '../../../shared/model/error.ts';
import { Name } from '../../../shared/model/identifier.ts';
import type { BasicWip } from '../basic-wip.ts';
import { problemsOfAnswer, ClassAnswers, sayOfAnswer } from './class-answers.ts';
import { LIFE_CYCLE_HOOKS } from '../life-cycle-hooks.ts';
import { isSameForAll, thrownForAll, type CreateTask } from './no-task.ts';
import { isPromise, wrongClass } from './wrong-class.ts';

interface Question {
  /** As an author writes it. */
  readonly member: string;
  /** The method that `ask` calls; absent where it reads a value. */
  readonly method?: (wip: BasicWip) => unknown;
  readonly schema: z.ZodType;
  /** Whether the answer depends on nothing but the task. */
  readonly isOfTask?: true;
  readonly ask: (wip: BasicWip) => unknown;
}

const { title, group, priority, clusters, containerSize, workId, interrupted } = ClassAnswers.shape;
const Anything = z.unknown();
const Requests = z.array(Anything);
const ANY_TIME = new Date(0);

// What a class says of a task that is added, launched, shown or taken over.
const QUESTIONS: readonly Question[] = [
  { member: 'title', schema: title, isOfTask: true, ask: (wip) => wip.title },
  { member: 'group', schema: group.pipe(Name), isOfTask: true, ask: (wip) => wip.group },
  { member: 'priority', schema: priority, isOfTask: true, ask: (wip) => wip.priority },
  { member: 'clusters', schema: clusters, isOfTask: true, ask: (wip) => wip.clusters },
  { member: 'containerSize', schema: containerSize, isOfTask: true, ask: (wip) => wip.containerSize },
  { member: 'workId()', method: (wip) => wip.workId, schema: workId, isOfTask: true, ask: (wip) => wip.workId() },
  {
    member: 'interrupted()',
    method: (wip) => wip.interrupted,
    schema: interrupted,
    ask: (wip) => wip.interrupted('start'),
  },
  {
    member: 'commits()',
    method: (wip) => wip.commits,
    schema: Anything, // of a memory that has nothing yet
    ask: (wip) => wip.commits({}),
  },
  {
    member: 'statusReport()',
    method: (wip) => wip.statusReport,
    schema: Requests,
    ask: (wip) => wip.statusReport({ status: 'queued', startedAt: null, end: null }, () => undefined),
  },
  {
    member: 'logReport()',
    method: (wip) => wip.logReport,
    schema: Requests,
    ask: (wip) => wip.logReport({ at: ANY_TIME, level: 'INFO', message: '' }, () => undefined),
  },
];

/**
 * Asks a class what the engine asks it of each task. Throws KIND_INVALID for answers that the engine refuses of every task. One
 * that needs options may fail here, and say what it likes.
 */
export function checkAnswers(name: string, create: CreateTask, wip: BasicWip): void {
  const problems = [
    ...QUESTIONS.flatMap((question) => problemsOf(name, question, create, wip)),
    ...LIFE_CYCLE_HOOKS.filter((hook) => typeof tried(wip, () => wip[hook]) !== 'function').map(
      (hook) => `${hook}() must be a method`,
    ),
  ];
  if (problems.length === 0) return;
  throw wrongClass(
    `The class ${name} says what no task can have: ${problems.join('; ')}`,
    'Correct what it returns for the named fields',
  );
}

function problemsOf(name: string, question: Question, create: CreateTask, wip: BasicWip): readonly string[] {
  const { member, method, schema, ask } = question;
  if (method && typeof tried(wip, method) !== 'function') return [`${member} must be a method`];
  const value = tried(wip, ask);
  if (value === FAILED) return failsForAll(question, create);
  if (value instanceof Promise) {
    // The rejection of this promise is a consequence of the mistake that is told here.
    void value.catch(() => undefined);
    throw isPromise(name, member);
  }
  if (!method && typeof value === 'function')
    throw wrongClass(`"${member}" of ${name} is a method`, `It is read and not called: write "get ${member}()"`);
  const parsed = schema.safeParse(value, { error: sayOfAnswer });
  if (parsed.success || !isSameForAll(create, ask)) return [];
  return problemsOfAnswer(parsed.error, member, member);
}

/** An answer may fail because the task has no memory or no options yet. */
function failsForAll({ member, ask, isOfTask }: Question, create: CreateTask): readonly string[] {
  const thrown = isOfTask ? thrownForAll(create, ask) : null;
  return thrown ? [`${member} fails: ${messageOf(thrown.error).replace(/\.$/, '')}`] : [];
}

const FAILED = Symbol('failed');

function tried(wip: BasicWip, ask: Question['ask']): unknown {
  try {
    return ask(wip);
  } catch {
    return FAILED; // it needs options, and is asked again of a task that has them
  }
}
