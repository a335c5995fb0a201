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
export { TaskScript, type ContainerScript, type ProcessScript } from './script.ts';
export { simulateScript, simulateTask, type ScriptFor, type SimulatedWorld } from './simulate-task.ts';
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
export { TestkitError } from './testkit-error.ts';
