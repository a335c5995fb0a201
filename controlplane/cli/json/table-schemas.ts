import { z } from 'zod';
import { ExitStatusName } from '../../api/tasks/task-views.ts';

const Text = z.string();
const Numbers = z.record(z.string(), z.number());
const Seconds = z.number();

const Finding = z.object({
  rule: Text,
  severity: z.enum(['error', 'warning', 'note']),
  state: Text.nullable(),
  value: Text.nullable(),
  line: z.int(),
  column: z.int(),
  message: Text,
});

const ParsedTableLint = z.object({
  findings: z.array(Finding.extend({ remedy: Text })),
  ignored: z.array(Finding.extend({ reason: Text })),
  budgets: z.array(z.object({ state: Text, seconds: Seconds.nullable() })),
  hasErrors: z.boolean(),
});
/** The output for a text that is not a valid table. */
const TableProblems = z.object({ problems: z.array(z.looseObject({ line: z.int(), message: Text })) });

export const TableLint = z.union([ParsedTableLint, TableProblems]);

const Exit = z.object({ status: ExitStatusName, message: Text });

/** One walk by a script. Steps and position have further fields, which may change with the simulator. */
export const ScriptedSimulation = z.object({
  outcome: z.enum(['finished', 'step-limit', 'time-limit', 'no-answer']),
  state: Text.nullable(),
  exit: Exit,
  uncaught: z.looseObject({ kind: Text, state: Text, message: Text }).nullable(),
  seconds: Seconds,
  secondsByTimer: Numbers,
  recording: z.array(z.looseObject({ to: Text, atSeconds: Seconds, exit: Exit })),
  position: z.looseObject({ state: Text.nullable() }),
});

/** Many walks by chance. */
export const RandomSimulation = z.object({
  runs: z.int(),
  seed: z.int(),
  ends: Numbers,
  seconds: z.object({ min: Seconds, median: Seconds, p95: Seconds, max: Seconds }),
  visits: Numbers,
  entered: Numbers,
  rowsNeverTaken: z.array(Text),
  rowCount: z.int(),
  statesNeverVisited: z.array(Text),
  secondsByTimer: Numbers,
  faults: z.array(z.object({ what: Text, runs: z.int(), seed: z.int(), script: Text.nullable() })),
});
