import { z } from 'zod';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';

/**
 * A dump is lines: marks begin with "#" and are JSON, every other line is a row (row-text.ts). A header, then
 * for each table its rows and a mark with their number, then the sequences. Without that last mark it is not whole.
 *
 *   #{"mark":"wip-dump","format":1,"migration":5,…}
 *   "(installationId,\"…\",2026-01-01 00:00:00+00)"
 *   #{"mark":"table","name":"setting","rows":1}
 *   …
 *   #{"mark":"end","sequences":{"task.id":17,…}}
 */
export const DUMP_FORMAT = 1;

const Count = z.int().min(0);
export const DumpHeader = z.object({
  mark: z.literal('wip-dump'),
  format: z.literal(DUMP_FORMAT),
  /** The schema whose rows these are: the highest migration that had run. */
  migration: Count,
  installationId: z.uuid(),
  wip: z.string(),
  at: z.iso.datetime({ offset: true }),
});
export type DumpHeader = z.infer<typeof DumpHeader>;

const DumpMark = z.discriminatedUnion('mark', [
  DumpHeader,
  z.object({ mark: z.literal('table'), name: z.string(), rows: Count }),
  z.object({
    mark: z.literal('end'),
    /** `table.column` → the last value that was given out; 0 when none was. */
    sequences: z.record(z.string(), Count),
  }),
]);
export type DumpMark = z.infer<typeof DumpMark>;

export function markLine(mark: DumpMark): string {
  return `#${JSON.stringify(mark)}\n`;
}

/** null for a row. */
export function parseMark(line: string): DumpMark | null {
  if (!line.startsWith('#')) return null;
  try {
    return DumpMark.parse(JSON.parse(line.slice(1)));
  } catch (cause) {
    throw damagedDump('it has a line that no dump of this version has', cause);
  }
}

export function damagedDump(why: string, cause?: unknown): OperationalError {
  return new OperationalError('DUMP_UNUSABLE', {
    happened: `The dump is damaged, or is not a dump: ${why.replace(/\.$/, '')}; nothing was written`,
    remedy: 'Take another dump; one that was cut off cannot be used in part',
    cause,
  });
}

export function damagedBy(error: unknown): OperationalError {
  return damagedDump(messageOf(error), error);
}
