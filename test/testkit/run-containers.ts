import { LaunchRequest } from '../../controlplane/containers/launch-ledger.ts';
import type { LaunchOutcome } from '../../controlplane/containers/container.ts';
import { requestContext } from '../../controlplane/store/secrets/seal-contexts.ts';
import type { AttemptRow } from '../../controlplane/store/schema.ts';
import { BUILD_ENVIRONMENT_NAMES, type ContainerOverride } from '../../shared/protocol/overrides.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { answerOf } from './record/effects.ts';
import type { RunContainer, RunProcess } from './simulated-run.ts';
import type { World } from './world/world.ts';

/** Returns the processes of all containers, in the order of their starts. */
export function processesOf({ ecs, clock }: World): RunProcess[] {
  return ecs.containers
    .flatMap(({ processes }) => processes.map((process) => process.toRun(clock.startMs)))
    .sort((one, other) => one.startedAtSeconds - other.startedAtSeconds);
}

export function containersOf(world: World, task: TaskId): RunContainer[] {
  return world.record.attempts.all(task).map((attempt) => containerOf(world, attempt));
}

function containerOf(world: World, attempt: AttemptRow): RunContainer {
  const { record, clock } = world;
  const container = world.containerOf(attempt.uuid);
  const agent = world.agents.find((one) => one.container === container);
  const effect = record.effects.stored(attempt.launchKey);
  const sealed = world.deps.sealer.open(effect.request, requestContext(effect.key));
  const request = LaunchRequest.parse(JSON.parse(sealed));
  const environment = new Map(
    request.runTask.overrides.containerOverrides[0]?.environment.map(({ name, value }) => [name, value]),
  );
  const limit = (name: string): number | undefined =>
    environment.has(name) ? Number(environment.get(name)) : undefined;
  const maxTimeSeconds = limit('WORKLOAD_MAX_TIME');
  const maxDiskGb = limit('WORKLOAD_MAX_DISK');
  return {
    number: attempt.number,
    launch: answerOf(effect) as LaunchOutcome | null,
    overrides: overridesOf(environment, request.secureOverrides),
    limits: {
      ...(maxTimeSeconds !== undefined && { maxTimeSeconds }),
      ...(maxDiskGb !== undefined && { maxDiskGb }),
    },
    processes: container?.processes.map((process) => process.toRun(clock.startMs)) ?? [],
    files: agent?.files ?? [],
    endedBy: container?.endedBy ?? null,
    stops: container?.stops ?? [],
    isReleased: container === undefined || container.isStopping,
  };
}

function overridesOf(
  environment: ReadonlyMap<string, string>,
  secure: Readonly<Record<string, string>>,
): ContainerOverride[] {
  const names = environment.get(BUILD_ENVIRONMENT_NAMES)?.split(',') ?? [];
  return [
    ...names.map((key) => ({ key, value: environment.get(key) ?? '', secure: false })),
    ...Object.entries(secure).map(([key, value]) => ({ key, value, secure: true })),
  ];
}
