import type { PingAnswer } from './views.ts';

export interface HealthWorld {
  readonly version: string;
  readonly countTasks: () => Promise<PingAnswer['tasks']>;
  /** Empty when the node can serve: database reachable, migrations done, engine claiming; else one clause each. */
  readonly findReasonsNotReady: () => Promise<readonly string[]>;
}
