import type { ProcessStatus } from '../../../shared/protocol/agent-api.ts';
import type { AgentClient } from '../../ssh/agent-client.ts';
import type { AttemptRow } from '../../store/schema.ts';
import type { StepStore } from '../../store/step-store.ts';

const PIECE_BYTES = 256 * 1024;
// A step may take only seconds. While the process runs, the next step continues here; the rest is fetched when the process has
// ended.
const MOST_WHILE_RUNNING_BYTES = 4 * 1024 * 1024;
// The store keeps no more of one stream, so fetching more would be useless.
const MOST_AT_END_BYTES = 32 * 1024 * 1024;

type Collector = Pick<StepStore, 'readOutputEnds' | 'appendCollected'>;

/**
 * Fetches and stores the output that a process has written since the last call, in a container without an agent that would report
 * it. Of an end that is too long, the beginning is left out.
 */
export async function collectOutput(
  store: Collector,
  client: AgentClient,
  attempt: AttemptRow,
  status: ProcessStatus,
): Promise<void> {
  if (!client.unreportedOutput) return;
  const { processId, streams, result } = status;
  const ends = await store.readOutputEnds(attempt.id, processId);
  for (const stream of ['stdout', 'stderr'] as const) {
    const { bytes } = streams[stream];
    const begin = result ? Math.max(ends[stream], bytes - MOST_AT_END_BYTES) : ends[stream];
    const end = result ? bytes : Math.min(bytes, begin + MOST_WHILE_RUNNING_BYTES);
    for (let offset = begin; offset < end;) {
      const maxBytes = Math.min(PIECE_BYTES, end - offset);
      const piece = await client.unreportedOutput(processId, stream, offset, maxBytes);
      if (piece.bytes.length === 0) break;
      await store.appendCollected({ callbackId: attempt.callbackId, processId, stream, offset, bytes: piece.bytes });
      offset += piece.bytes.length;
    }
  }
}
