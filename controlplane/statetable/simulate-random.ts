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
  /** How often a method fails, 0 to 1; every twentieth time finds the rows for errors without drowning the others. */
  readonly errorRatio?: number;
  /** How often a step begins with a request to terminate, 0 to 1. */
  readonly terminateRatio?: number;
  /** What the transition methods of the class can answer; where they do not say, what the rows of a state expect. */
  readonly methods?: TaskMethods['methods'];
  /** A row to head for before chance decides; without it rows at the end of a long table are hardly ever taken. */
  readonly goal?: Goal;
}

const DEFAULT_ERROR_RATIO = 0.05;
// About one run in ten of a table with twenty steps: enough to see the way of a termination among the others.
const DEFAULT_TERMINATE_RATIO = 0.005;
// What an answer that only `*` covers looks like in a transcript.
const SOMETHING_ELSE = 'other';
// A method of these that throws ends the task: true, but it says nothing about the table. (`finish` is not among them:
// where it throws, the `!` rows of the states before it are taken.)
const NEVER_THROWS = new Set([FAILURE, TERMINATE]);

/** What `failure` and `terminate` of every task do. */
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

/** What each state can answer by chance. */
export function answersByState(table: StateTable, methods: RandomOptions['methods']): AnswersByState {
  return new Map(table.states.map((block) => [block.name, answersOf(block, methods)]));
}

// A run that heads for a row now and then strays from the way, so that the way there is not always the same.
const STRAY_RATIO = 0.05;

/** What leads to a goal until it is reached; then nothing. */
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

  /** A state that is never asked takes its `!` row only when the state it leads to throws. */
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

/** Each answer of a state comes as often as any other; failures come at `errorRatio`. */
export function randomMethods(
  table: StateTable,
  random: Random,
  options: Omit<RandomOptions, 'seed' | 'maxSteps'> = {},
): SimulatedMethods {
  const { errorRatio = DEFAULT_ERROR_RATIO, terminateRatio = DEFAULT_TERMINATE_RATIO } = options;
  const answers = answersByState(table, options.methods);
  const guide = options.goal && new Guide(table, options.goal, answers);
  return {
    knows: () => true,
    exitAfter: exitOfAnyTask,
    terminates: () => random() < terminateRatio,
    throws: (state) => {
      const isMeant = guide?.throws(state) ?? false; // asked first: it follows where the run is
      return !NEVER_THROWS.has(state) && (isMeant || random() < errorRatio);
    },
    answer: (state) => {
      const values = answers.get(state) ?? [];
      const guided = guide?.answer(state);
      if (guided !== undefined && random() >= STRAY_RATIO) return guided;
      if (values.length === 0 || random() < errorRatio) return ERROR_VALUE;
      return values[Math.floor(random() * values.length)]!;
    },
  };
}

export function simulateRandomly(table: StateTable, options: RandomOptions): Simulation {
  return simulate(table, randomMethods(table, seededRandom(options.seed), options), options);
}
