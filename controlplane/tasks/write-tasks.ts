/** The public exports for people who write their own Wip tasks: `import { ContainerWip } from 'wip-ecs'`. */
export { AbstractPipelineWip } from './abstract-pipeline-wip.ts';
export {
  BASIC_OPTIONS,
  BasicWip,
  type FailureCause,
  type Migration,
  type TaskFacts,
  type WipClass,
} from './basic-wip.ts';
export { BuildSteps } from './build-steps.ts';
export { CONTAINER_OPTION_FIELDS, CONTAINER_OPTIONS, ContainerWip, type ContainerWipOptions } from './container-wip.ts';
export { outputOf, outputTail, startTracked, trackedProcess, writeTracked } from './container-work.ts';
export type { OptionsOf, SshOutcome, WipContext } from './context.ts';
export { defineWip } from './kinds.ts';
export type { DeclaredTransitions, TransitionMethods, ValueOf } from './transitions.ts';
