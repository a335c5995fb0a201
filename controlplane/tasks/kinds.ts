import { BASIC_OPTIONS, BasicWip, type WipClass } from './basic-wip.ts';
import { BUILD_STEPS_OPTIONS, type BuildStepsOptions } from './build-steps-options.ts';
import { BuildSteps } from './build-steps.ts';
import { CONTAINER_OPTIONS, ContainerWip, type ContainerWipOptions } from './container-wip.ts';

/** Registers a class under its name. The engine sees options as `object`: it never reads them. */
export function defineWip<O extends object>(wip: WipClass<O>): WipClass {
  return {
    kind: wip.kind,
    version: wip.version,
    ...(wip.migration && { migration: wip.migration }),
    options: wip.options,
    create: (task) => wip.create({ uuid: task.uuid, options: task.options as O }),
  };
}

/** The classes that every installation has. */
export const SHIPPED_KINDS: readonly WipClass[] = [
  defineWip({ kind: 'BasicWip', version: 1, options: BASIC_OPTIONS, create: (task) => new BasicWip(task) }),
  defineWip<ContainerWipOptions>({
    kind: 'ContainerWip',
    version: 1,
    options: CONTAINER_OPTIONS,
    create: (task) => new ContainerWip(task),
  }),
  defineWip<BuildStepsOptions>({
    kind: 'BuildSteps',
    version: 1,
    options: BUILD_STEPS_OPTIONS,
    create: (task) => new BuildSteps(task),
  }),
];

/** Returns `<kind>/<option>` for all options that these classes seal. */
export function sealedOptionsOf(kinds: Iterable<WipClass>): readonly string[] {
  return [...kinds].flatMap(({ kind, options }) => options.sealed.map((name) => `${kind}/${name}`));
}
