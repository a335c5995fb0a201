import { BYTES_PER_GB, formatBytes, formatGigabytes, formatSeconds } from '../../../shared/model/units.ts';
import type { ExitSignal } from '../../../shared/protocol/signals.ts';

/**
 * Prints `The container used 12 s, 0.1 GB of disk and 61 MB of memory at its peak.`; unknown figures are left out. The disk
 * is the peak too, where the agent tells it: a step may remove what it wrote.
 */
export function describeUsage(exit: ExitSignal): string {
  const parts = [formatSeconds(exit.usage?.wallSeconds ?? exit.time)];
  const diskBytes = exit.usage?.disk.peakBytes ?? (exit.disk === null ? null : exit.disk * BYTES_PER_GB);
  if (diskBytes !== null) parts.push(`${formatGigabytes(diskBytes)} of disk`);
  const memory = exit.usage?.memoryPeakBytes ?? null;
  if (memory !== null) parts.push(`${formatBytes(memory)} of memory at its peak`);
  const last = parts.pop() ?? '';
  return `The container used ${parts.length === 0 ? last : `${parts.join(', ')} and ${last}`}.`;
}
