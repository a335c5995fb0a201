import { constants } from 'node:os';
import { z } from 'zod';
import { shown } from '../../shared/text/shown-value.ts';
import { processContradictions, refuses } from './contradictions.ts';
import { Duration } from './duration.ts';

/** Signals whose default is to stop a process, to let it go on, or nothing at all. */
const HARMLESS_SIGNALS = [
  'SIGCHLD',
  'SIGCONT',
  'SIGSTOP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGWINCH',
] as const;
/** A signal that ends a process which does not handle it. */
export type KillingSignal = Exclude<keyof typeof constants.signals, (typeof HARMLESS_SIGNALS)[number]>;
const isKilling = (name: unknown): boolean =>
  typeof name === 'string' && Object.hasOwn(constants.signals, name) && !HARMLESS_SIGNALS.some((one) => one === name);

export const ProcessScript = z
  .strictObject({
    /** Time from its start to its end, a second unless given; `forever`: until its container ends. */
    runsFor: z.union([z.literal('forever'), Duration]).optional(),
    /** 0 unless given. It ends in one way: an exit code, a signal, without memory, or not started at all. */
    exitCode: z.number().int().min(0).max(255).optional(),
    /** The signal that ends it instead of an exit code, such as `SIGKILL`. */
    killedBy: z
      .custom<KillingSignal>(isKilling, {
        error: ({ input }) =>
          `must be the name of a signal that ends a process, such as SIGKILL, and is ${shown(input)}`,
      })
      .optional(),
    /** The process ends as one that ran out of memory. */
    outOfMemory: z.boolean().default(false),
    stdout: z.string().default(''),
    stderr: z.string().default(''),
    /** Bytes of output beside `stdout`; they are counted, and reading them gives dots. */
    floods: z.number().int().min(0).default(0),
    /**
     * The process shows no progress from this time after its start on, for `silentFor` (until its end unless given).
     */
    silentAfter: Duration.optional(),
    silentFor: Duration.optional(),
    /** Text of the files that it has written when it ends, by the paths with which the task reads them. */
    files: z.record(z.string().min(1), z.string()).default({}),
    /** It cannot be started: its program is missing. */
    cannotStart: z.boolean().default(false),
  })
  .superRefine(refuses(processContradictions))
  .transform((script) => ({ ...script, runsFor: script.runsFor ?? 1 }));
export type ProcessScript = z.input<typeof ProcessScript>;
export type ParsedProcess = z.output<typeof ProcessScript>;
