import { withinTime, type TimeLimit } from '../shared/time/within-time.ts';
import type { Clock } from '../shared/time/clock.ts';
import type { Logger } from '../shared/system/logger.ts';
import type { ControlPlaneConfig } from './config-fields.ts';
import { outgoingHosts, repositoryHosts } from './config.ts';

interface EngineOptions {
  readonly config: ControlPlaneConfig;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Returns the part of a node's configuration that the engine uses. */
export function engineSettings({ config, clock, log }: EngineOptions) {
  return {
    settings: {
      buildTool: config.build_tool.split(/\s+/).filter((word) => word !== ''),
      repositoryHosts: repositoryHosts(config),
      outgoingHosts: outgoingHosts(config),
      maxDiskPercent: config.max_disk_percent,
      maxContainerSeconds: config.max_container_seconds ?? null,
      pipelines: { statsKey: config.pipelines_stats_key ?? null, statsScope: config.pipelines_stats_scope },
      askAfterSeconds: config.ask_after_seconds,
      giveUpAfterSeconds: config.give_up_after_seconds,
      startSeconds: config.start_seconds,
    },
    node: config.node,
    leaseSeconds: config.lease_seconds,
    concurrency: config.concurrency,
    maxRunSeconds: config.max_run_seconds,
    methodSeconds: config.method_seconds,
    heartbeatSeconds: config.heartbeat_seconds,
    sweepSeconds: config.sweep_seconds,
    clock,
    withinTime: <T>(work: PromiseLike<T>, limit: Omit<TimeLimit, 'clock'>) => withinTime(work, { ...limit, clock }),
    log,
  };
}
