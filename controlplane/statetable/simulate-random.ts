import type { TaskExit } from './final-exit.ts';
import { answersTowards, type AnswersByState, type Goal } from './head-for-row.ts';
import type { TaskMethods } from './lint-methods.ts';
import { seededRandom, type Random } from './seeded-random.ts';
import { simulate, type SimulatedMethods, type Simulation, type SimulationLimits } from './simulate.ts';
import {
  ANY_VALUE,
  EMPTY_TRANSITION,
  ERROR_VALUE,
  FAILURE,
  findBlock,
  TERMINATE,
  type StateBlock,
  type StateTable,
} from './table.ts';

export interface RandomOptions extends SimulationLimits {
  readonly seed: number;
  /**
   * How often a method fails, 0 to 1. The default, every twentieth time, takes error rows without crowding out the
   * others.
   */
  readonly errorRatio?: number;
  /** How often a step begins with a request to terminate, 0 to 1. */
  readonly terminateRatio?: number;
  /** The answers that transition methods declare; for methods without a declaration, the values of the state's rows. */
  readonly methods?: TaskMethods['methods'];
  /**
   * For each contained state, how often (0 to 1) it takes its first row instead of a random one. In these cases its method does
   * not fail either.
   */
  readonly leanings?: ReadonlyMap<string, number>;
  /** A row to head for before chance decides. Without it, rows at the end of a long table are hardly ever taken. */
  readonly goal?: Goal;
}

const DEFAULT_ERROR_RATIO = 0.05;
// About one run in ten of a table with twenty steps is terminated: enough to see the path of a termination.
const DEFAULT_TERMINATE_RATIO = 0.005;
// The answer in a transcript that stands for any value only `*` covers.
const SOMETHING_ELSE = 'other';
// States that never throw in a simulation, because an error in them ends the task and shows nothing about the table. `finish` is
// not among them: if it throws, the `!` row of the state before it is taken.
const NEVER_THROWS = new Set([FAILURE, TERMINATE]);

/** The exit that `failure` and `terminate` of every task set. */
export function exitOfAnyTask(state: string, { status, message }: TaskExit): TaskExit {
  if (state === TERMINATE) return { status: 'TERMINATED', message };
  if (state !== FAILURE || status !== 'NOT_FINISHED') return { status, message };
  return { status: 'ERROR_SYSTEM', message: message === '' ? 'Failed to complete the task.' : message };
}

function answersOf(block: StateBlock, methods: RandomOptions['methods']): readonly string[] {
  const declared = methods?.get(block.transitionMethod);
  if (declared) return declared;
  const values = block.transitions.map((row) => row.value).filter((value) => value !== ERROR_VALUE);
  return values.map((value) => (value === ANY_VALUE ? SOMETHING_ELSE : value));
}

/** Returns the answers from which a random run chooses in each state. */
export function answersByState(table: StateTable, methods: RandomOptions['methods']): AnswersByState {
  return new Map(table.states.map((block) => [block.name, answersOf(block, methods)]));
}

// A run that heads for a row sometimes leaves the shortest path, so that the path to a row varies.
const STRAY_RATIO = 0.05;

/** Gives the answers that lead to a goal until it is reached; after that none. */
class Guide {
  private towards: ReadonlyMap<string, string> | null;
  private readonly table: StateTable;
  private readonly goal: Goal;
  private at: string | null = null;

  constructor(table: StateTable, goal: Goal, answers: AnswersByState) {
    this.table = table;
    this.goal = goal;
    this.towards = answersTowards(table, goal, answers);
  }

  answer(state: string): string | undefined {
    const value = this.towards?.get(state);
    if (state === this.goal.state) this.towards = null;
    return value;
  }

  /**
   * Returns whether `state` throws on purpose: a state without a transition method takes its `!` row only when the
   * state it leads to throws.
   */
  throws(state: string): boolean {
    const from = this.at;
    const isMeant = from !== null && this.towards?.get(from) === ERROR_VALUE && !this.isAsked(from);
    if (isMeant && from === this.goal.state) this.towards = null;
    this.at = isMeant ? null : state;
    return isMeant;
  }

  private isAsked(state: string): boolean {
    return findBlock(this.table, state)?.transitionMethod !== EMPTY_TRANSITION;
  }
}

/** Returns the answer that takes the first row of a block, which is the one that goes on; null when a `*` is first. */
function firstAnswer(table: StateTable, state: string): string | null {
  const value = findBlock(table, state)?.transitions[0]?.value;
  return value === undefined || value === ANY_VALUE || value === ERROR_VALUE ? null : value;
}

/**
 * Makes a random script: all answers of a state are equally likely, unless it leans to its first row; failures come at
 * `errorRatio`.
 */
function randomMethods(
  table: StateTable,
  random: Random,
  options: Omit<RandomOptions, 'seed' | 'maxSteps'> = {},
): SimulatedMethods {
  const { errorRatio = DEFAULT_ERROR_RATIO, terminateRatio = DEFAULT_TERMINATE_RATIO } = options;
  const answers = answersByState(table, options.methods);
  const guide = options.goal && new Guide(table, options.goal, answers);
  // No random number is drawn for a state without a leaning, so that seeds of runs without leanings give the same runs as before.
  const isLeaning = (state: string): boolean => random() < (options.leanings?.get(state) ?? 0);
  const leans = (state: string): boolean => options.leanings?.has(state) === true && isLeaning(state);
  return {
    knows: () => true,
    exitAfter: exitOfAnyTask,
    terminates: () => random() < terminateRatio,
    throws: (state) => {
      const isMeant = guide?.throws(state) ?? false; // called in every case, because the guide tracks the run by these calls
      return !NEVER_THROWS.has(state) && (isMeant || (!leans(state) && random() < errorRatio));
    },
    answer: (state) => {
      const values = answers.get(state) ?? [];
      const guided = guide?.answer(state);
      if (guided !== undefined && random() >= STRAY_RATIO) return guided;
      const first = firstAnswer(table, state);
      if (first !== null && leans(state)) return first;
      if (values.length === 0 || random() < errorRatio) return ERROR_VALUE;
      return values[Math.floor(random() * values.length)]!;
    },
  };
}

export function simulateRandomly(table: StateTable, options: RandomOptions): Simulation {
  return simulate(table, randomMethods(table, seededRandom(options.seed), options), options);
}
