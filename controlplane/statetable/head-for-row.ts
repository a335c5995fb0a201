import { ERROR_VALUE, rowFor, type StateTable, type Transition } from './table.ts';

/** What the transition method of each state can answer, errors left out. */
export type AnswersByState = ReadonlyMap<string, readonly string[]>;

export interface Goal {
  readonly state: string;
  readonly row: Transition;
}

/** The answer of `goal.state` that takes the row; undefined when no answer does. */
function answerFor(table: StateTable, goal: Goal, answers: AnswersByState): string | undefined {
  if (goal.row.value === ERROR_VALUE) return ERROR_VALUE;
  const block = table.states.find(({ name }) => name === goal.state);
  return answers.get(goal.state)?.find((value) => rowFor(block, value) === goal.row);
}

/** Who leads to each state, and by which answer: state → states before it. */
function waysTo(table: StateTable, answers: AnswersByState): Map<string, { from: string; value: string }[]> {
  const ways = new Map<string, { from: string; value: string }[]>();
  for (const block of table.states) {
    for (const value of [...(answers.get(block.name) ?? []), ERROR_VALUE]) {
      const target = rowFor(block, value)?.target;
      if (target === undefined) continue;
      const before = ways.get(target) ?? [];
      before.push({ from: block.name, value });
      ways.set(target, before);
    }
  }
  return ways;
}

/**
 * The answers that lead to a row from wherever that is possible, on the shortest way, and the one that takes it.
 * Null when no answer takes the row: chance would not find it either.
 */
export function answersTowards(table: StateTable, goal: Goal, answers: AnswersByState): Map<string, string> | null {
  const last = answerFor(table, goal, answers);
  return last === undefined ? null : answersUpTo(table, goal.state, last, answers);
}

/** The answers that lead to `state` on the shortest way from wherever that is possible, and `last`, its own. */
export function answersUpTo(
  table: StateTable,
  state: string,
  last: string,
  answers: AnswersByState,
): Map<string, string> {
  const ways = waysTo(table, answers);
  const towards = new Map([[state, last]]);
  // A Map that grows while it is walked through gives what is added, too: nearest first.
  for (const [place] of towards) {
    for (const { from, value } of ways.get(place) ?? []) if (!towards.has(from)) towards.set(from, value);
  }
  return towards;
}
