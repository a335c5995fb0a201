import { sql } from 'kysely';
import { FOREIGN_STARTER, listEcsTasks, startedByPrefix, type EcsTask } from './ecs-tasks.ts';
import type { FaultSystem } from './fault-system.ts';
import { each, lateEach, type Violation } from './violation.ts';

/** Stop reason that the reaper gives to ECS (engine/sweep/reap-cluster.ts). */
const REAPED = 'wip: no container attempt owns this task';
/** Returns violations by the containers that ECS shows, in all of its clusters. */
export async function findContainerViolations(system: FaultSystem): Promise<Violation[]> {
  const tasks = await listEcsTasks(system);
  return [...launchesOf(system, tasks), ...(await reaped(system, tasks))];
}

function launchesOf(system: FaultSystem, tasks: readonly EcsTask[]): Violation[] {
  const running = tasks.filter(
    ({ startedBy, lastStatus }) => startedBy.startsWith(startedByPrefix(system)) && lastStatus !== 'STOPPED',
  );
  // The foreign container may end by itself, because its agent gets no answer. No node here may have stopped it.
  const touched = tasks.filter(
    ({ startedBy, stopCode }) => startedBy === FOREIGN_STARTER && stopCode === 'UserInitiated',
  );
  const launches = new Map<string, number>();
  for (const { startedBy } of tasks) launches.set(startedBy, (launches.get(startedBy) ?? 0) + 1);
  return [
    ...lateEach('I3', running, ({ startedBy, lastStatus }) => `the container of ${startedBy} is still ${lastStatus}`),
    ...each('I3', touched, ({ taskArn }) => `the foreign container ${taskArn} was stopped`),
    ...each(
      'I5',
      [...launches].filter(([starter, count]) => count > 1 && starter !== FOREIGN_STARTER),
      ([starter, count]) => `${starter} was launched ${count} times`,
    ),
  ];
}

/** Checks that the reaper stopped no container that an attempt owned at that moment. */
async function reaped(system: FaultSystem, tasks: readonly EcsTask[]): Promise<Violation[]> {
  const stops = tasks.filter(({ stoppedReason }) => stoppedReason === REAPED);
  const { rows } = await sql<{ starter: string; arn: string | null; ownedUntil: Date | null }>`
    SELECT ${startedByPrefix(system)} || task_id || '/' || number AS starter, arn,
      CASE WHEN attempt.state = 'void' THEN attempt.resolved_at ELSE task.completed_at END AS owned_until
    FROM container_attempt attempt JOIN task ON task.id = attempt.task_id
    WHERE NOT EXISTS (SELECT FROM audit WHERE action = 'restart' AND subject = 'task/' || task.id)`.execute(
    system.database.db,
  );
  const owned = stops.flatMap((stop) => {
    const attempt = rows.find(
      ({ starter, arn }) => starter === stop.startedBy && (arn ?? stop.taskArn) === stop.taskArn,
    );
    const stoppedMs = (stop.stoppingAt ?? 0) * 1_000;
    return attempt && stoppedMs < (attempt.ownedUntil?.getTime() ?? Infinity) ? [stop] : [];
  });
  return each('I3', owned, ({ startedBy, taskArn }) => `the reaper stopped ${taskArn}, which ${startedBy} owned`);
}
