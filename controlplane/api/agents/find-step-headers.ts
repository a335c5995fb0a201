import { BUILD_EVENTS } from '../../../shared/protocol/build-export.ts';
import type { StepHeader } from '../../store/schema/container-tables.ts';
import type { ReceivedChunk } from './agent-report-service.ts';

// The build tool writes a header as a line of its own (agent/build/run-steps.ts).
const HEADER = new RegExp(`^=== (${BUILD_EVENTS.join('|')}): step (\\d{1,6}) of (\\d{1,6}): (.{1,200})`, 'gm');
const BEGIN = Buffer.from('=== ');

/**
 * Finds the headers of steps in a piece of output, so that people see at once which step runs. Whatever a build prints can
 * look like one: once the build has ended, the record of the build tool counts instead.
 */
export function findStepHeaders({ stream, offset, data }: ReceivedChunk): StepHeader[] {
  if (stream !== 'stdout' || !data.includes(BEGIN)) return [];
  // One character for each byte, so that the position in the text is the one in the stream.
  const text = data.toString('latin1');
  return [...text.matchAll(HEADER)].map((found) => ({
    event: found[1]!,
    number: Number(found[2]),
    of: Number(found[3]),
    name: Buffer.from(found[4]!, 'latin1').toString('utf8').trimEnd(),
    offset: offset + found.index,
  }));
}
