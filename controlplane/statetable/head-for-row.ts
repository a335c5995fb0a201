import { ERROR_VALUE, rowFor, type StateTable, type Transition } from './table.ts';

/** The answers that the transition method of each state can give, errors left out. */
export type AnswersByState = ReadonlyMap<string, readonly string[]>;

export interface Goal {
  readonly state: string;
  readonly row: Transition;
}

/** Returns an answer of `goal.state` that takes the row; undefined when no answer does. */
function answerFor(table: StateTable, goal: Goal, answers: AnswersByState): string | undefined {
  if (goal.row.value === ERROR_VALUE) return ERROR_VALUE;
  const block = table.states.find(({ name }) => name === goal.state);
  return answers.get(goal.state)?.find((value) => rowFor(block, value) === goal.row);
}

/** The predecessors of each state, with the answer that leads from them: state → predecessors. */
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
 * Returns the answers that lead to a row on the shortest way from every state where that is possible, and the answer
 * that takes the row. Null when no answer takes the row: random runs cannot take it either.
 */
export function answersTowards(table: StateTable, goal: Goal, answers: AnswersByState): Map<string, string> | null {
  const last = answerFor(table, goal, answers);
  return last === undefined ? null : answersUpTo(table, goal.state, last, answers);
}

/**
 * Returns the answers that lead to `state` on the shortest way from every state where that is possible, and `last`, the
 * answer of `state`.
 */
export function answersUpTo(
  table: StateTable,
  state: string,
  last: string,
  answers: AnswersByState,
): Map<string, string> {
  const ways = waysTo(table, answers);
  const towards = new Map([[state, last]]);
  // Iterating a Map visits entries that are added meanwhile, so this is a breadth-first search: nearest states first.
  for (const [reached] of towards) {
    for (const { from, value } of ways.get(reached) ?? []) if (!towards.has(from)) towards.set(from, value);
  }
  return towards;
}
