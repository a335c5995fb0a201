import type { ConnectionStatus } from '../../api/state/state-views.ts';
import { showAge, showLatency } from '../format.ts';
import type { Status } from '../status-words.ts';

type Node = ConnectionStatus['nodes'][number];

// The doctor warns from the same offset on.
const MOST_OFFSET_MS = 1_000;
// Nodes report every ten seconds; after thirty they are no longer listed.
const MOST_SILENCE_MS = 15_000;

export function nodeState({ seenAt, clockOffsetMs }: Node, nowMs: number): Status {
  const offset = clockOffsetMs ?? 0;
  if (Math.abs(offset) > MOST_OFFSET_MS)
    return { shape: 'warn', word: offset > 0 ? 'Clock is ahead' : 'Clock is behind' };
  const silentMs = nowMs - Date.parse(seenAt);
  if (silentMs > MOST_SILENCE_MS) return { shape: 'warn', word: `Silent for ${showAge(silentMs)}` };
  return { shape: 'ok', word: 'Takes tasks' };
}

/** How far a clock is ahead of the database's: `+2 ms`, `−1.8 s`. */
export function showOffset(offsetMs: number | null): string {
  if (offsetMs === null) return '–';
  const size = Math.abs(offsetMs);
  const text = showLatency(size / 1_000);
  if (Math.round(size) === 0) return text;
  return `${offsetMs < 0 ? '−' : '+'}${text}`;
}
