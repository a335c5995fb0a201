import type { InstanceResources } from '../operations/action-context.ts';
import type { LocalDefinition } from '../local-state.ts';
import type { RunTaskInput } from '../input/run-task-input.ts';
import { sizeOf } from '../../containers/rules/task-size.ts';

export interface TaskNeeds extends InstanceResources {
  readonly hostPorts: number[];
}

/** Returns the resources that a task of this definition takes from its machine, with the overrides of its RunTask. */
export function needsOf(definition: LocalDefinition, overrides: RunTaskInput['overrides']): TaskNeeds {
  const { networkMode } = definition.input;
  const { cpu = definition.input.cpu, memory = definition.input.memory } = overrides;
  const containers = definition.input.containerDefinitions.map((container) => ({
    ...container,
    ...sizeIn(overrides, container.name),
  }));
  const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
  const hasMachinePorts = networkMode !== 'awsvpc' && networkMode !== 'none';
  const ports = containers.flatMap(({ portMappings = [] }) =>
    portMappings.map(({ hostPort, containerPort }) =>
      networkMode === 'host' ? (hostPort ?? containerPort) : hostPort,
    ),
  );
  return {
    cpu: cpu === undefined ? sum(containers.map((container) => container.cpu ?? 0)) : sizeOf(cpu),
    memory:
      memory === undefined
        ? sum(containers.map((container) => container.memoryReservation ?? container.memory ?? 0))
        : sizeOf(memory),
    // Host port 0 is any free one, which is always there.
    hostPorts: hasMachinePorts ? ports.filter((port): port is number => port !== undefined && port !== 0) : [],
  };
}

function sizeIn({ containerOverrides }: RunTaskInput['overrides'], name: string | undefined) {
  const { cpu, memory, memoryReservation } = containerOverrides.find((each) => each.name === name) ?? {};
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(memoryReservation === undefined ? {} : { memoryReservation }),
  };
}
