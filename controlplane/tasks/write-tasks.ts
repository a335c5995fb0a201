/** The public exports for people who write their own Wip tasks: `import { ContainerWip } from 'wip-ecs'`. */

// Classes to extend, their options and tables.
export {
  AbstractPipelineWip,
  PIPELINE_OPTION_FIELDS,
  PIPELINE_RECEIVER_OPTIONS,
  PIPELINE_SEALED_OPTIONS,
  type PipelineOptions,
} from './pipeline/abstract-pipeline-wip.ts';
export { BASIC_OPTIONS, BasicWip, type FailureCause, type TaskCommits, type TaskFacts } from './basic-wip.ts';
export { type Migration, type WipClass } from './wip-class.ts';
export { BUILD_STEPS_OPTIONS, type BuildStepsOptions } from './build/build-steps-options.ts';
export { BuildPreparation } from './build/build-preparation.ts';
export { BuildSteps } from './build/build-steps.ts';
export { ContainerWip, type ContainerResultStatus } from './container/container-wip.ts';
export type { ContainerValue } from './container/container-value.ts';
export { CONTAINER_TRANSITIONS } from './container/container-state-tables.ts';
export {
  CONTAINER_OPTION_FIELDS,
  CONTAINER_OPTIONS,
  type ContainerWipOptions,
} from './container/container-wip-options.ts';
export { BASIC_WIP, BUILD_STEPS, CONTAINER_WIP, defineWip } from './kinds.ts';
export type { DeclaredTransitions, TransitionMethods, ValueOf } from './transitions.ts';

// What methods do in the container, and the results of it that checkContainerResultStatus reads.
export {
  resultBag,
  type InteractionResult,
  type ResultBag,
  type ResultStatus,
  type TrackedProcess,
} from './container/check-result-status.ts';
export {
  outputOf,
  outputTail,
  reportOnNoProgress,
  startTracked,
  trackedProcess,
  writeTracked,
  type FileToWrite,
} from './container/container-work.ts';
export { interactionResult } from './container/interaction-result.ts';

// The context that methods are given, and all of its parts.
export {
  LOG_LEVEL,
  type AttemptView,
  type Bag,
  type ChildTask,
  type ContainerLimits,
  type ExitDetail,
  type ExitOptions,
  type Inbox,
  type InboxSignal,
  type LivenessView,
  type LogReport,
  type NewChild,
  type SecretOption,
  type StatusReport,
  type WipContext,
  type WipLogLevel,
} from './context.ts';
export type { OptionsOf } from './options-of.ts';
export type { TaskSettings } from './task-settings.ts';
export type { AgentAccess, EffectScope, SshOutcome } from './agent-access.ts';
export type { Delivery, OutgoingRequest, RequestSignature } from './outgoing-request.ts';
export type { Fault, Retry } from '../../shared/model/fault.ts';
export type {
  ContainerAddress,
  ContainerInterface,
  EcsErrorClass,
  EcsSeen,
  EndedContainer,
  EcsSnapshot,
  EcsStatus,
  LaunchOutcome,
} from '../containers/container.ts';
export type { EndCause } from '../containers/causes/end-cause.ts';
export type { Verdict } from '../../shared/model/verdict.ts';
export type { WaitDetail, WaitReason } from '../containers/wait-reason.ts';
export type { WantedSize } from '../containers/rules/wanted-size.ts';
export { OperationalError, type OperationalErrorCode } from '../../shared/model/error.ts';
export type { ExitStatus, Priority, TaskStatus } from '../../shared/model/status.ts';
export type { Health, ProcessStatus, StartProcess } from '../../shared/protocol/agent-api.ts';
export type { ContainerOverride } from '../../shared/protocol/overrides.ts';
export {
  CLASS_ID,
  type ExitSignal,
  type KnownFields,
  type OutputSignal,
  type ProcessCompleteSignal,
  type ProcessResult,
  type ReadySignal,
  type Signal,
  type StreamName,
} from '../../shared/protocol/signals.ts';
export type { HostSet, RepositoryHosts } from '../../shared/repository/repository-hosts.ts';
