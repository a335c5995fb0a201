import { pauseTask, requestTerminate, restartTask, resumeTask } from '../../controlplane/store/control/control-task.ts';
import { appendAudit } from '../../controlplane/store/settings/audit.ts';
import { TaskId } from '../../shared/model/ids.ts';
import { eventually } from '../kit/eventually.ts';
import { changeClusters } from './cluster-events.ts';
import { REGIONS } from './cluster-rows.ts';
import type { FaultSystem } from './fault-system.ts';
import type { RunningNode } from './node-fleet.ts';
import type { PlannedEvent } from './schedule.ts';

interface EventTargets {
  readonly system: FaultSystem;
  /** By the place in the schedule; null between the end of a node and its replacement. */
  readonly nodes: readonly (RunningNode | null)[];
  /** Ids by the place in the schedule; empty until they are added. */
  readonly tasks: readonly (number | null)[];
}

const PAUSE_SECONDS = 20;
/** Real time: a node needs a second, and on a stalling machine much more. */
const NODE_UP_MS = 120_000;

/** Waits until an event of the schedule is due, and does it. One that finds nothing to hit does nothing. */
export async function carryOut(event: PlannedEvent, { system, nodes, tasks }: EventTargets): Promise<void> {
  const { clock, launcher } = system;
  const all = REGIONS.map((region) => system.regions[region]);
  await clock.sleep(event.afterSeconds * 1_000);
  switch (event.kind) {
    case 'kill-node':
      if (event.whenUp) await eventually('a node to kill', () => Boolean(nodes[event.node]), NODE_UP_MS);
      return nodes[event.node]?.signal('SIGKILL');
    case 'restart-node':
      return nodes[event.node]?.signal('SIGTERM');
    case 'freeze-node': {
      const node = nodes[event.node];
      node?.signal('SIGSTOP');
      await clock.sleep(event.seconds * 1_000);
      return node?.signal('SIGCONT');
    }
    case 'ecs':
      for (const { faults } of all) faults.add([event.fault as Parameters<typeof faults.add>[0][number]]);
      if (event.fault.kind !== 'missing-window') return;
      await clock.sleep(60_000);
      // A fault without a number of times is never used up.
      for (const { faults } of all) faults.clear();
      return;
    case 'crash-container':
    case 'interrupt-container': {
      const arns = [...launcher.agents]
        .filter(([, agent]) => agent.sshPort !== null && !agent.isGone)
        .map(([arn]) => arn);
      const arn = arns[event.pick % Math.max(1, arns.length)];
      if (arn === undefined) return;
      if (event.kind === 'crash-container') return system.regionOf(arn).injectFault({ kind: 'crash', task: arn });
      const reason = 'Your Spot Task was interrupted.';
      return system.regionOf(arn).injectFault({ kind: 'interrupt', task: arn, stopCode: 'SpotInterruption', reason });
    }
    case 'terminate':
    case 'restart':
    case 'pause':
      return control(system, event.kind, tasks[event.task] ?? null);
    case 'use-cluster':
    case 'change-cluster':
    case 'delete-cluster':
      return changeClusters(system, event);
  }
}

async function control(
  system: FaultSystem,
  action: 'terminate' | 'restart' | 'pause',
  task: number | null,
): Promise<void> {
  if (task === null) return;
  const { db } = system.database;
  const id = TaskId.parse(task);
  if (action === 'terminate') await requestTerminate(db, id);
  if (action === 'restart' && (await restartTask(db, id)) === 'done') {
    await appendAudit(db, { actor: 'faults', action, subject: `task/${id}` });
  }
  if (action !== 'pause') return;
  await pauseTask(db, id);
  await system.clock.sleep(PAUSE_SECONDS * 1_000);
  await resumeTask(db, id);
}
