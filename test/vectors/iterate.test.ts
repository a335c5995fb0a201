import { parseStateTable } from '../../controlplane/statetable/parse-table.ts';
import { StateTableError } from '../../controlplane/statetable/table-error.ts';
import type { StateTable } from '../../controlplane/statetable/table.ts';
import { expectedRun, type ExpectedRun } from './expected-run.ts';
import { runScripted, type Run } from './run-scripted.ts';
import { ScriptedTask, type Script } from './scripted-task.ts';
import { checkVectors, type Comparison, type Vector } from './vector-file.ts';

interface IterateVector extends Vector {
  readonly table: string;
  readonly returns?: Script;
  readonly states?: Script;
  readonly before?: Readonly<Record<string, readonly string[]>>;
  readonly maxSteps?: number;
  readonly expect: ExpectedRun;
}

/** The number of steps after which README.md of the vectors says that a run is stopped. */
const MAX_STEPS = 60;

/** Returns null for a table that the recorded engine ran and our parser refuses. */
function tableOf(text: string): StateTable | null {
  try {
    return parseStateTable(text);
  } catch (error) {
    if (error instanceof StateTableError) return null;
    throw error;
  }
}

function comparable({ outcome, steps, final }: Run, vector: IterateVector): Record<string, unknown> {
  const { transitionCounts, ...rest } = final;
  const isCounted = vector.expect.final.transitionCounts !== undefined;
  return {
    outcome,
    steps,
    final: isCounted ? { ...rest, transitionCounts } : rest,
  };
}

function compare(vector: IterateVector): Comparison {
  const expected = expectedRun(vector.expect);
  const table = tableOf(vector.table);
  if (!table) return { ours: 'refused as a table', expected };
  const task = new ScriptedTask(table, { answers: vector.returns, states: vector.states });
  const run = runScripted(table, task, { maxSteps: vector.maxSteps ?? MAX_STEPS, before: vector.before ?? {} });
  return { ours: comparable(run, vector), expected };
}

checkVectors('iterate', compare);
