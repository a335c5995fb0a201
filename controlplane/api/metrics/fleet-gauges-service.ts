import { Gauge, type Registry } from 'prom-client';
import { faultOfExit } from '../../containers/causes/end-cause.ts';
import { readPauses, type Pauses } from '../../store/control/pauses.ts';
import { readEndedCanaries } from '../../store/operation/canaries.ts';
import { readFleetFigures, type FleetFigures } from '../../store/operation/fleet-figures.ts';
import { listLaunchBlocks } from '../../store/operation/launch-blocks.ts';
import { summariseTasks, type TaskCount } from '../../store/operation/summarise-tasks.ts';
import { summariseOutbox, type OutboxSummary } from '../../store/outbox/requests.ts';
import type { Db } from '../../store/schema.ts';
import { listGroups, type GroupState } from '../../store/settings/groups.ts';
import { CANARY_KIND } from '../../tasks/canary.ts';
import { addCanaryGauges } from './canary-metrics.ts';
import { addLaunchGauges } from './launch-metrics.ts';

// The number of canaries that are read: nobody needs to tell more failures in a row apart.
const READ_CANARIES = 20;

/** Some gauges that are read together, and are empty when they cannot be read. */
interface Gauges<Figures extends unknown[]> {
  reset(): void;
  fill(...figures: Figures): void;
}

/**
 * Adds the gauges that are read from the database. They are the same on every node: take the maximum over nodes, not
 * the sum. Returns the function that fills them; without a database they are empty and `wip_database_up` is 0.
 */
export function addFleetGauges(registry: Registry, db: Db): () => Promise<void> {
  const tasks = addTaskGauges(registry);
  const groups = addGroupGauges(registry);
  const outbox = addOutboxGauges(registry);
  const figures = addFigureGauges(registry);
  const canaries = addCanaryGauges(registry);
  const launches = addLaunchGauges(registry);
  const up = new Gauge({ name: 'wip_database_up', help: 'Whether this node reaches it', registers: [registry] });

  async function fill(): Promise<void> {
    const read = await Promise.all([
      summariseTasks(db),
      listGroups(db),
      readPauses(db),
      summariseOutbox(db),
      readFleetFigures(db),
      readEndedCanaries(db, CANARY_KIND, READ_CANARIES),
      listLaunchBlocks(db),
    ]);
    tasks.fill(read[0]);
    groups.fill(read[1], read[2]);
    outbox.fill(read[3]);
    figures.fill(read[4]);
    canaries.fill(read[5]);
    launches.fill(read[6]);
  }

  return async () => {
    for (const gauges of [tasks, groups, outbox, figures, canaries, launches]) gauges.reset();
    // An outage must not hide the counters of the node: they are worth most then.
    up.set(
      await fill().then(
        () => 1,
        () => 0,
      ),
    );
  };
}

function gauge<Label extends string>(registry: Registry, name: string, help: string, ...labelNames: Label[]) {
  return new Gauge<Label>({ name, help: `${help}, the same on every node`, labelNames, registers: [registry] });
}

function addTaskGauges(registry: Registry): Gauges<[readonly TaskCount[]]> {
  const tasks = gauge(registry, 'wip_tasks', 'Tasks that the database holds', 'group', 'status');
  const endLabels = ['group', 'exit_status', 'cause'] as const;
  const ended = gauge(registry, 'wip_tasks_ended', 'Ended tasks that are still kept', ...endLabels);
  const faultLabels = ['group', 'fault', 'cause'] as const;
  const faultHelp = 'Failed tasks that are still kept, by fault';
  const faults = gauge(registry, 'wip_task_faults', faultHelp, ...faultLabels);
  return {
    reset: () => [tasks, ended, faults].forEach((one) => one.reset()),
    fill(counts) {
      for (const { group, status, exitStatus, cause, fault, count } of counts) {
        tasks.inc({ group, status }, count);
        if (status !== 'COMPLETE') continue;
        ended.inc({ group, exit_status: exitStatus, cause: cause ?? 'none' }, count);
        const blamed = faultOfExit(exitStatus, fault);
        if (blamed) faults.inc({ group, fault: blamed, cause: cause ?? 'none' }, count);
      }
    },
  };
}

function addGroupGauges(registry: Registry): Gauges<[readonly GroupState[], Pauses]> {
  const running = gauge(registry, 'wip_group_running', 'Tasks of the group that run', 'group');
  const capacity = gauge(registry, 'wip_group_max_running', 'Tasks of the group that may run at once', 'group');
  const paused = gauge(registry, 'wip_paused', 'What is paused: 1 for each group, or for all', 'group', 'type');
  return {
    reset: () => [running, capacity, paused].forEach((one) => one.reset()),
    fill(groups, pauses) {
      for (const { name, maxRunning, ...group } of groups) {
        running.set({ group: name }, group.running);
        capacity.set({ group: name }, maxRunning);
        if (group.pause) paused.set({ group: name, type: group.pause }, 1);
      }
      if (pauses.global) paused.set({ group: '*', type: pauses.global }, 1);
    },
  };
}

function addOutboxGauges(registry: Registry): Gauges<[OutboxSummary]> {
  const requests = gauge(registry, 'wip_outbox_requests', 'Requests to other services that are not settled');
  const oldest = gauge(registry, 'wip_outbox_oldest_seconds', 'Age of the oldest of them; 0 without one');
  return {
    reset: () => [requests, oldest].forEach((one) => one.reset()),
    fill(outbox) {
      requests.set(outbox.requests);
      oldest.set(outbox.oldestSeconds);
    },
  };
}

function addFigureGauges(registry: Registry): Gauges<[FleetFigures]> {
  const queued = gauge(registry, 'wip_queue_oldest_seconds', 'How long the first queued task has waited', 'group');
  const containers = gauge(registry, 'wip_containers', 'Containers that live or may live', 'cluster');
  const nodes = gauge(registry, 'wip_nodes', 'Nodes that have said in the last 35 s that they live');
  const abandonedHelp = 'Tasks that no node takes: their lease ended a minute ago, or no living node has their class';
  const abandoned = gauge(registry, 'wip_tasks_abandoned', abandonedHelp);
  return {
    reset() {
      for (const one of [queued, containers]) one.reset();
      // `reset` would set the gauge to 0, which means that no node is alive.
      for (const one of [nodes, abandoned]) one.remove();
    },
    fill(figures) {
      nodes.set(figures.nodes);
      abandoned.set(figures.abandoned);
      for (const { group, oldestSeconds } of figures.queues) queued.set({ group }, oldestSeconds);
      for (const { cluster, count } of figures.containers) containers.set({ cluster }, count);
    },
  };
}
