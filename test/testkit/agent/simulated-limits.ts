import { BYTES_PER_GB } from '../../../shared/model/units.ts';
import type { EnrolmentAnswer } from '../../../shared/protocol/enrolment.ts';
import type { Usage } from '../../../shared/protocol/signals.ts';
import type { AgentContainer } from './agent-script.ts';
import type { SimulatedWorkload } from './simulated-workload.ts';

const BYTES_PER_MB = 1_000_000;

type Limits = EnrolmentAnswer['limits'];

/** Returns the limits as the agent API shows them. */
export function shownLimits(limits: Limits): { maxTimeSeconds: number | null; maxDiskBytes: number | null } {
  return { maxTimeSeconds: limits.maxTimeSeconds, maxDiskBytes: maxDiskBytes(limits) };
}

/** Returns whether output of so many bytes, beside what the script says of the disk, is more than the task may use. */
export function exceedsDisk(outputBytes: number, { diskGb }: AgentContainer, limits: Limits): boolean {
  return outputBytes + diskGb * BYTES_PER_GB > (maxDiskBytes(limits) ?? Infinity);
}

export function simulatedUsage(workload: SimulatedWorkload, { diskGb, memoryMb }: AgentContainer): Usage {
  return workload.usage({ diskBytes: diskGb * BYTES_PER_GB, memoryBytes: memoryMb * BYTES_PER_MB });
}

/** Returns a disk of 100 bytes, which nobody measures: the share in use is what tasks decide by. */
export function simulatedDisk({ usedDiskPercent }: AgentContainer): {
  freeBytes: number;
  totalBytes: number;
  usedPercent: number;
} {
  return { freeBytes: 100 - usedDiskPercent, totalBytes: 100, usedPercent: usedDiskPercent };
}

function maxDiskBytes({ maxDiskGb }: Limits): number | null {
  return maxDiskGb === null ? null : maxDiskGb * BYTES_PER_GB;
}
