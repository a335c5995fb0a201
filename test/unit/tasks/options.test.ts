import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import { parseOptions, type WipClass } from '../../../controlplane/tasks/wip-class.ts';
import { defineWip, SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { SIMULATED_EXPORT } from '../../testkit/agent/simulated-build.ts';
import type { ProcessScript } from '../../testkit/process-script.ts';
import { simulateScript } from '../../testkit/simulate-task.ts';

type Options = Readonly<Record<string, unknown>>;

/** Two valid values of each option there is. A new one gets its line here, and somebody who reads it. */
const VALUES: Readonly<Record<string, readonly [unknown, unknown]>> = {
  containerMaxDisk: [1, 2],
  containerMaxTime: [60, 120],
  containerCpu: [512, 1024],
  containerMemory: [1024, 2048],
  containerStorage: [30, 40],
  cluster: ['a', 'a,b'],
  release_on_exit: [true, false],
  terminate_on_exit: [true, false],
  waitForStop: [true, false],
  pipelineId: ['a', 'b'],
  applications: [['a'], ['a', 'b']],
  pipelineJobId: ['a', 'b'],
  pipelineEndpoint: ['https://a.example', 'https://b.example'],
  pipelineVerify: [true, false],
  pipelineUser: ['ann', 'bob'],
  authToken: ['a', 'b'],
  pipelineApiKey: ['a', 'b'],
  pipelineApiSecret: ['YQ==', 'Yg=='],
  mergeRef: ['refs/pull/7/merge', 'refs/pull/8/merge'],
  vcsCommit: ['a'.repeat(40), 'b'.repeat(40)],
  commitStatusService: ['github', 'gitlab'],
  commitStatusEndpoint: ['https://a.example', 'https://b.example'],
  commitStatusRepository: ['a/a', 'b/b'],
  commitStatusCommit: ['a'.repeat(40), 'b'.repeat(40)],
  commitStatusContext: ['a', 'b'],
  commitStatusDashboard: ['https://a.example', 'https://b.example'],
  commitStatusToken: ['a', 'b'],
  vcsPath: ['a', 'b'],
  vcsUri: ['https://a.example/x', 'https://b.example/x'],
  sourceVcsUri: ['https://a.example/x', 'https://b.example/x'],
  deployVcsUri: ['https://a.example/x', 'https://b.example/x'],
  deployVcsPath: ['a', 'b'],
  applicationPrivateKey: ['a', 'b'],
  sourcePrivateKey: ['a', 'b'],
  deployPrivateKey: ['a', 'b'],
  environmentVariables: [{ A: 'a' }, { A: 'b' }],
  event: ['build', 'post-deploy'],
  segmentUserId: ['a', 'b'],
  segmentApplicationId: ['a', 'b'],
  keepAlive: ['a', 'b'],
  cloudRealm: ['a', 'b'],
  cloudSite: ['a', 'b'],
  gitSsh: ['a', 'b'],
  inheritVariables: ['a', 'b'],
  commitAuthor: ['A <a@example.org>', 'B <b@example.org>'],
  commitMessage: ['a', 'b'],
};

/** What a task of each kind must have. */
const REQUIRED: Readonly<Record<string, Options>> = {
  BuildSteps: { vcsPath: 'main', vcsUri: 'https://example.org/app.git' },
};

const JOB = { pipelineEndpoint: 'https://pipelines.example', pipelineJobId: 'j' };
const COMMIT_STATUS = {
  commitStatusService: 'github',
  commitStatusEndpoint: 'https://api.github.example',
  commitStatusRepository: 'acme/app',
  commitStatusCommit: 'c'.repeat(40),
  commitStatusToken: 't',
};
/** Options without which another one means nothing. */
const COMPANIONS: Readonly<Record<string, Options>> = {
  ...Object.fromEntries(
    ['Service', 'Endpoint', 'Repository', 'Commit', 'Context', 'Dashboard', 'Token'].map((name) => [
      `commitStatus${name}`,
      COMMIT_STATUS,
    ]),
  ),
  pipelineApiKey: { ...JOB, pipelineApiSecret: 'YQ==' },
  pipelineApiSecret: { ...JOB, pipelineApiKey: 'a' },
  waitForStop: { terminate_on_exit: true },
};

/** Outputs without which a task of the kind does not come to its end. */
const PROCESSES: Readonly<Record<string, Readonly<Record<string, ProcessScript>>>> = {
  BuildSteps: {
    ensureBuildUser: { stdout: '/home/build' },
    exportBuildFileAsJson: { stdout: JSON.stringify(SIMULATED_EXPORT) },
  },
};

function optionNames(kind: WipClass): string[] {
  if (!(kind.options.schema instanceof z.ZodObject)) throw new Error(`the options of ${kind.kind} are no object`);
  return Object.keys(kind.options.schema.shape);
}

/** Everything that a task with these options says of itself and does, from its start to its end. */
async function conduct(kind: WipClass, options: Options): Promise<string> {
  const given = { ...REQUIRED[kind.kind], ...options };
  const wip = kind.create({ uuid: 'u', options: parseOptions(kind, given) });
  const report = wip.statusReport({ status: 'queued', startedAt: null, end: null }, (name) => options[name]);
  const run = await simulateScript(kind, { options: given, processes: PROCESSES[kind.kind] ?? {} });
  const { steps, exit, logs, attempts, deliveries } = run;
  return JSON.stringify([
    wip.title,
    wip.workId(),
    wip.group,
    wip.priority,
    wip.clusters,
    wip.containerSize,
    report,
    steps,
    exit,
    logs,
    attempts,
    deliveries,
  ]);
}

async function isRead(kind: WipClass, option: string): Promise<boolean> {
  const values = VALUES[option];
  if (!values) throw new Error(`give the option "${option}" of ${kind.kind} two values in this test`);
  const [one, other] = values.map((value) => conduct(kind, { ...COMPANIONS[option], [option]: value }));
  return (await one) !== (await other);
}

describe('an option that a schema takes and nobody reads', () => {
  const all = SHIPPED_KINDS.flatMap((kind) => optionNames(kind).map((option) => [kind.kind, option, kind] as const));

  it.each(all)('is not there: %s %s changes what the task does', async (_kind, option, kind) => {
    expect(await isRead(kind, option)).toBe(true);
  });

  it('would be found', async () => {
    const options = { schema: z.strictObject({ keepAlive: z.string().optional() }), sealed: [] };
    class Deaf extends BasicWip {
      override get kind(): string {
        return 'Deaf';
      }
    }
    const kind = defineWip({ kind: 'Deaf', version: 1, options, create: (task) => new Deaf(task) });
    expect(optionNames(kind)).toEqual(['keepAlive']);
    expect(await isRead(kind, 'keepAlive')).toBe(false);
  });
});
