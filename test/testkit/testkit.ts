/** The public exports for people who test their own Wip tasks: `import { simulateTask } from 'wip-ecs/testkit'`. */
export {
  assertEffectsOnce,
  assertElapsedLessThan,
  assertEndedWith,
  assertNotVisited,
  assertReleased,
  assertStarted,
  assertVisited,
  RunAssertionError,
} from './assertions.ts';
export type { Duration } from './duration.ts';
export { FRIENDLY_MODEL, Model } from './model.ts';
export { type KillingSignal, type ProcessScript } from './process-script.ts';
export { TaskScript, type ContainerScript } from './script.ts';
export { scriptFromTranscript } from './script-from-transcript.ts';
export type { ManyEnd, ManyRuns } from './many-table.ts';
export { simulateMany, simulateSeed, type ManyFor, type ManyOptions } from './simulate-many.ts';
export { simulateScript, simulateTask, type OptionsGiven, type ScriptFor } from './simulate-task.ts';
export type { SimulatedWorld } from './simulated-world.ts';
export type {
  RunChild,
  RunContainer,
  RunDelivery,
  RunEffect,
  RunFile,
  RunLog,
  RunProcess,
  RunStep,
  RunWait,
  SimulatedRun,
} from './simulated-run.ts';
export { startWip } from './start-wip.ts';
export type {
  AddTaskOptions,
  Awaited,
  GivenOptions,
  KitSetting,
  StartedEcs,
  StartedProcess,
  StartedWip,
  StartWipOptions,
} from './started-wip.ts';
export type { AgentScript } from './agent/agent-script.ts';
export type { FaultOfContainer, LocalFault } from './system/local-faults.ts';
export type { WipSettings } from './system/wip-node.ts';
export type { OutputRange, OutputRead, TaskAction, WipClient } from '../../controlplane/cli/client/wip-client.ts';
export type { ServerSentEvent } from '../../controlplane/cli/server-sent-events.ts';
export type { ContainerFault } from '../../controlplane/localecs/faults/faults.ts';
export type { PingAnswer } from '../../controlplane/api/health/health-views.ts';
export type { QueueView } from '../../controlplane/api/queue/queue-views.ts';
export type { AttemptDetail } from '../../controlplane/api/tasks/task-detail-views.ts';
export type { SubmitBody } from '../../controlplane/api/tasks/submit/submit-body.ts';
export type { LogView, OutputPage, StepView } from '../../controlplane/api/tasks/recording/task-recording-views.ts';
export type { TaskPage, TaskRank, TaskView } from '../../controlplane/api/tasks/task-views.ts';
export type { RecordedStep } from '../../controlplane/statetable/recording.ts';
export type { Way } from '../../controlplane/statetable/position.ts';
export { TestkitError } from './testkit-error.ts';
