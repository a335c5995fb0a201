import { BASIC_OPTIONS, BasicWip } from './basic-wip.ts';
import type { WipClass } from './wip-class.ts';
import { BUILD_STEPS_OPTIONS } from './build/build-steps-options.ts';
import { BuildSteps } from './build/build-steps.ts';
import { Canary, CANARY_KIND } from './canary.ts';
import { ContainerWip } from './container/container-wip.ts';
import { CONTAINER_OPTIONS } from './container/container-wip-options.ts';

/** Defines a kind of task. Both types are inferred from the schema, and `simulateTask` checks options by them. */
export function defineWip<O extends object, Given = unknown>(wip: WipClass<O, Given>): WipClass<O, Given> {
  return wip;
}

export const BASIC_WIP = defineWip({
  kind: 'BasicWip',
  version: 1,
  options: BASIC_OPTIONS,
  create: (task) => new BasicWip(task),
});

export const CONTAINER_WIP = defineWip({
  kind: 'ContainerWip',
  version: 1,
  options: CONTAINER_OPTIONS,
  create: (task) => new ContainerWip(task),
});

export const BUILD_STEPS = defineWip({
  kind: 'BuildSteps',
  version: 1,
  options: BUILD_STEPS_OPTIONS,
  create: (task) => new BuildSteps(task),
});

export const CANARY = defineWip({
  kind: CANARY_KIND,
  version: 1,
  options: CONTAINER_OPTIONS,
  create: (task) => new Canary(task),
});

/** The classes that every installation has. */
export const SHIPPED_KINDS: readonly WipClass[] = [BASIC_WIP, CONTAINER_WIP, BUILD_STEPS, CANARY];

/** Returns `<kind>/<option>` for all options that these classes seal. */
export function sealedOptionsOf(kinds: Iterable<WipClass>): readonly string[] {
  return [...kinds].flatMap(({ kind, options }) => options.sealed.map((name) => `${kind}/${name}`));
}
