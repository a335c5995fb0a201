import type { WipClient } from '../controlplane/cli/client/wip-client.ts';
import type { Development } from '../controlplane/cli/node/start-development.ts';
import type { TaskView } from '../controlplane/api/tasks/task-views.ts';
import { systemClock } from '../shared/time/clock.ts';

interface Seen {
  readonly task: TaskView;
  /** The standard output of the build so far. */
  readonly output: string;
}

interface Build {
  readonly client: WipClient;
  readonly id: number;
  readonly development: Development;
}

export interface Scenario {
  readonly says: string;
  /** Laid over the options of the build. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** `act` is done as soon as `when` holds. */
  readonly disturb?: {
    readonly when: (seen: Seen) => boolean;
    readonly act: (build: Build) => Promise<void>;
  };
}

/** What `npm run demo -- --scenario NAME` shows. Each but `success` has a build file in sample-build/scenarios. */
export const SCENARIOS = {
  success: { says: 'a build that succeeds' },
  // 50 MB, in GB: a fraction of what the step writes.
  disk: { says: 'a step fills the disk over its limit of 50 MB', options: { containerMaxDisk: 0.05 } },
  // Long enough to be in the middle of the step even where the start of the container takes seconds.
  timeout: { says: 'a step runs longer than the limit of 12 seconds', options: { containerMaxTime: 12 } },
  fail: { says: 'a step ends with exit code 3' },
  crash: {
    says: 'the container dies in the middle of the build',
    disturb: {
      // The end then says what the container used.
      when: ({ output, task }) => output.includes('imported batch 1 of') && task.attempts.at(-1)?.usage !== null,
      async act({ client, id, development }) {
        const { attempts } = await client.findTask(id);
        const arn = attempts.at(-1)?.taskArn;
        if (arn) await development.localEcs.injectFault({ kind: 'crash', task: arn });
      },
    },
  },
  terminate: {
    says: 'somebody terminates the build',
    disturb: {
      when: ({ output }) => output.includes('crawled page 1 of'),
      act: async ({ client, id }) => void (await client.act(id, 'terminate')),
    },
  },
} as const satisfies Readonly<Record<string, Scenario>>;

/** Does to the build what its scenario says; nothing when the task has ended or `abort` is aborted first. */
export async function disturbBuild(scenario: Scenario, build: Build, abort: AbortSignal): Promise<void> {
  if (!scenario.disturb) return;
  const { when, act } = scenario.disturb;
  const { client, id } = build;
  while (!abort.aborted) {
    const [output, task] = await Promise.all([client.readOutput(id, 'stdout', 0), client.findTask(id)]);
    if (task.status === 'COMPLETE') return;
    if (when({ task, output: Buffer.from(output.data).toString() })) return act(build);
    await systemClock.sleep(100, abort);
  }
}
