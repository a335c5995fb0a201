import { z } from 'zod';
import { EXIT_STATUS, type ExitStatus } from '../../shared/model/status.ts';
import { type ProcessScript } from './process-script.ts';
import { ContainerEndCause, type ContainerScript, type TaskScript } from './script.ts';
import { hasLastWords } from './contradictions.ts';
import { MOST_SECONDS } from './duration.ts';
import { parseGiven } from './parse-given.ts';
import { TestkitError } from './testkit-error.ts';

/** Stands for sealed options. */
const SECRET = '[secure]';
const STATUS_NAMES = Object.keys(EXIT_STATUS) as [ExitStatus, ...ExitStatus[]];

const State = z.string().min(1);

/** What `wipctl transcript TASK --json` prints, as far as a replay needs it. Older ones have steps only. */
const Transcript = z.object({
  kind: z.string().optional(),
  steps: z
    .array(
      z.object({
        from: State.nullable(),
        value: z.string().nullable(),
        to: State,
        executed: z.boolean(),
        at: z.iso.datetime({ offset: true, error: 'must be an instant such as 2026-01-31T12:00:00Z' }),
      }),
    )
    .min(1, 'there must be at least one step'),
  options: z.record(z.string(), z.unknown()).optional(),
  exit: z
    .object({
      status: z.enum(STATUS_NAMES),
      message: z.string().nullable(),
      cause: z.string().nullable().default(null),
    })
    .nullish(),
});
type Transcript = z.infer<typeof Transcript>;
type Step = Transcript['steps'][number];

/**
 * Returns the script that replays a real task: its recorded values decide the path, its methods run in a world in which
 * processes and containers end as the recording tells.
 */
export function scriptFromTranscript(json: unknown): TaskScript {
  if (typeof json === 'string')
    throw new TestkitError('A recording is given as an object: write JSON.parse(…) around its text');
  const what = 'This is not the recording of a task, as "wipctl transcript TASK --json" prints it, and';
  const { kind, exit, options = {}, ...recorded } = parseGiven(what, Transcript, json);
  const steps = lastRun(recorded.steps);
  if (exit === null) throw new TestkitError('The task has not ended yet, and a part of a recording cannot be replayed');
  const known = Object.entries(options).filter(([, value]) => value !== SECRET);
  return {
    ...(known.length > 0 && { options: Object.fromEntries(known) }),
    processes: processesOf(steps),
    container: containerOf({ steps, exit }),
    replay: {
      ...(kind !== undefined && { kind }),
      steps: steps.map(({ from, value, to, executed }) => ({ from, value, to, executed })),
      ...(exit && { exit }),
    },
  };
}

/** What follows the last restart: memory and contexts were empty again, and nothing of an earlier run has a part in it. */
function lastRun(steps: readonly Step[]): readonly Step[] {
  return steps.slice(
    Math.max(
      0,
      steps.findLastIndex(({ from }) => from === null),
    ),
  );
}

/** The processes of the states: they run until the state is left, and fail where its answer was `fail`. */
function processesOf(steps: readonly Step[]): Record<string, ProcessScript> {
  const entered = new Map<string, number>();
  const processes = new Map<string, ProcessScript>();
  for (const { from, value, to, executed, at } of steps) {
    if (from !== null && from !== to) {
      const seconds = (Date.parse(at) - (entered.get(from) ?? Date.parse(at))) / 1000;
      const runsFor = Math.min(Math.max(0, seconds), MOST_SECONDS);
      processes.set(from, { runsFor, ...(value === 'fail' && { exitCode: 1 }) });
    }
    if (executed) entered.set(to, Date.parse(at));
  }
  // Not by assignment: a recording may name any state, such as __proto__.
  return Object.fromEntries(processes);
}

/** The container ends in the state whose answer was `terminated`, for the cause with which the task ended. */
function containerOf({ steps, exit }: { readonly steps: readonly Step[] } & Pick<Transcript, 'exit'>): ContainerScript {
  const ended = steps.find(({ value }) => value === 'terminated');
  if (!ended || ended.from === null) return {};
  const known = ContainerEndCause.safeParse(exit?.cause);
  const cause = known.success ? known.data : 'crash';
  // Its method ran for what it set: a process that was running belongs to the container's last words.
  const end = { at: ended.from, when: 'after-method', cause } as const;
  return { end: { ...end, ...(hasLastWords(cause) && exit?.message && { exitLog: exit.message }) } };
}
