import { z } from 'zod';
import { CLASS_ID, SIGNAL_TYPE, type Signal } from './signals.ts';

/**
 * Signals of a container without an agent: a shell entrypoint that posts its SIGNAL_BODY, with a field or two more. Such a
 * container need not name the kind of its signal, so the fields decide. Its numbers may be texts.
 */

/** SIGNAL_BODY of such a container: sent unchanged, it is the ready signal. */
export const LEGACY_SIGNAL_BODY = { classId: CLASS_ID.ready, type: SIGNAL_TYPE.ready } as const;

export type LegacySignalKind = 'ready' | 'output' | 'exit';

const EXIT_FIELDS = ['time', 'disk', 'initial_disk'] as const;
const OUTPUT_FIELDS = ['exitLog', 'log'] as const;
const BY_CLASS_ID: ReadonlyMap<unknown, LegacySignalKind> = new Map<unknown, LegacySignalKind>([
  [undefined, 'ready'],
  [CLASS_ID.ready, 'ready'],
  [CLASS_ID.output, 'output'],
  [CLASS_ID.exit, 'exit'],
]);

/** Returns the kind of signal that the fields imply; null when the class id is not one of these three and the fields are not conclusive. */
export function decideLegacyKind(body: Readonly<Record<string, unknown>>): LegacySignalKind | null {
  if (EXIT_FIELDS.every((name) => name in body)) return 'exit';
  if (OUTPUT_FIELDS.some((name) => name in body)) return 'output';
  return BY_CLASS_ID.get(body['classId']) ?? null;
}

const NumberOrText = z.union([
  z.number(),
  z
    .string()
    .trim()
    .regex(/^\d{1,15}(\.\d{1,9})?$/, 'must be a number')
    .transform(Number),
]);
const Measured = z.union([NumberOrText, z.null(), z.literal('').transform(() => null)]);

const Ready = z.looseObject({ pid: NumberOrText.optional(), startTime: NumberOrText.optional() });
const Output = z.looseObject({ exitLog: z.string().optional(), log: z.string().optional() });
const Exit = z.looseObject({ time: NumberOrText, disk: Measured, initial_disk: Measured });

// In a container the entrypoint is process 1, unless an init is before it.
const ENTRYPOINT_PID = 1;

/**
 * Returns a schema that converts a body to the signal of this kind; `nowSeconds` replaces a missing start time. All other fields
 * are dropped, because only an agent's signature could vouch for them.
 */
export function legacySignal(kind: LegacySignalKind, nowSeconds: number): z.ZodType<Signal> {
  const type = SIGNAL_TYPE[kind];
  switch (kind) {
    case 'ready':
      return Ready.transform(({ pid, startTime }): Signal => ({
        type,
        classId: CLASS_ID.ready,
        pid: pid !== undefined && Number.isInteger(pid) && pid > 0 ? pid : ENTRYPOINT_PID,
        startTime: startTime ?? nowSeconds,
      }));
    case 'output':
      return Output.transform(({ exitLog, log }): Signal => ({
        type,
        classId: CLASS_ID.output,
        exitLog: exitLog ?? 'The container did not say why it ends.',
        log: log ?? '',
      }));
    case 'exit':
      return Exit.transform(({ time, disk, initial_disk }): Signal => ({
        type,
        classId: CLASS_ID.exit,
        time,
        disk,
        initial_disk,
      }));
  }
}
