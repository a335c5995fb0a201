import type { Clock } from '../../shared/time/clock.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { createMarker } from '../monitor/changed-files.ts';
import { createDiskMeter, type DiskMeter } from '../monitor/disk-meter.ts';
import { readDiskSpace } from '../monitor/disk-space.ts';
import { chooseDiskMethod, type FilesystemFacts } from '../monitor/disk.ts';
import type { Workload } from '../process/workload.ts';

export interface MeterDeps {
  readonly config: AgentConfig;
  readonly isFargate: boolean;
  readonly clock: Clock;
  readonly workload: Workload;
}

export function filesystemFacts({ config: { disk, root }, isFargate }: MeterDeps): FilesystemFacts {
  return {
    method: disk.method,
    sharesMachine: root !== null,
    isFargate,
    totalBytes: readDiskSpace(disk.paths[0] ?? '/').totalBytes,
    initialBytes: disk.initialBytes,
    maxBytes: disk.maxWorkloadBytes,
  };
}

export function createMeter(deps: MeterDeps): DiskMeter {
  const { config, clock, workload } = deps;
  const { disk, stateDirectory } = config;
  return createDiskMeter({
    method: chooseDiskMethod(filesystemFacts(deps)),
    walk: {
      paths: disk.paths,
      excluded: new Set([stateDirectory]),
      ...createMarker(`${stateDirectory}/started`),
      monotonicMs: () => clock.monotonicMs(),
    },
    outputBytes: () => workload.outputBytesOnDisk(),
    outputDirectory: stateDirectory,
    findDeleted: () => workload.deletedFiles(),
  });
}
