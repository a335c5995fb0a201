import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { BasicWip, parseOptions, type WipClass } from '../../../controlplane/tasks/basic-wip.ts';
import { trackProcess } from '../../../controlplane/tasks/check-result-status.ts';
import { defineWip, SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { exited, FakeContext } from '../../kit/wip-context.ts';

type Options = Readonly<Record<string, unknown>>;

/** Two valid values of each option there is. A new one gets its line here, and somebody who reads it. */
const VALUES: Readonly<Record<string, readonly [unknown, unknown]>> = {
  containerMaxDisk: [1, 2],
  containerMaxTime: [60, 120],
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
/** Options without which another one means nothing. */
const COMPANIONS: Readonly<Record<string, Options>> = {
  pipelineApiKey: { ...JOB, pipelineApiSecret: 'YQ==' },
  pipelineApiSecret: { ...JOB, pipelineApiKey: 'a' },
};

const BUILD_FILE = {
  variables: { global: {} },
  sshKeys: {},
  events: { build: { steps: [{ name: 'all', type: 'script', script: ['make'], line: 1, scriptLines: [2] }] } },
  fileName: 'acquia-pipelines.yaml',
};

function optionNames(kind: WipClass): string[] {
  if (!(kind.options.schema instanceof z.ZodObject)) throw new Error(`the options of ${kind.kind} are no object`);
  return Object.keys(kind.options.schema.shape);
}

/** Everything that the methods of a task with these options do and answer, each in a fresh context. */
async function conduct(kind: WipClass, options: Options): Promise<string> {
  const wip = kind.create({ uuid: 'u', options: parseOptions(kind, { ...REQUIRED[kind.kind], ...options }) });
  const states = parseStateTable(wip.getStateTable()).states.map(({ name }) => name);
  const report = wip.statusReport({ status: 'queued', startedAt: null, end: null }, (name) => options[name]);
  const done: unknown[] = [wip.title, wip.workId(), wip.group, wip.priority, report];
  for (const name of [...states, ...Object.keys(wip.transitions)]) {
    const context = prepared(name, options);
    const answer = await call(wip, name, context);
    const { scripted, limits, files, started, logs, exited: exit } = context;
    done.push([name, answer, scripted.overrides(), scripted.killedFor, limits, files, started, logs, exit]);
  }
  return JSON.stringify(done);
}

function prepared(state: string, options: Options): FakeContext {
  const context = new FakeContext();
  context.state = state;
  context.memory['home'] = '/home/local';
  context.memory['buildFile'] = BUILD_FILE;
  context.attempt = { number: 1, ready: null, output: null, exit: null, verified: true };
  // What is sealed is asked for by name, and the rest is not there.
  Object.assign(context.secrets, options);
  trackProcess(context.bag, exited(0), context.now);
  return context;
}

async function call(wip: BasicWip, name: string, context: FakeContext): Promise<unknown> {
  const method: unknown = Reflect.get(wip, name);
  if (typeof method !== 'function') return 'no method';
  try {
    return await Reflect.apply(method, wip, [context]);
  } catch (error) {
    return String(error);
  }
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
    const kind = defineWip({ kind: 'Deaf', version: 1, options, create: (task) => new BasicWip(task) });
    expect(optionNames(kind)).toEqual(['keepAlive']);
    expect(await isRead(kind, 'keepAlive')).toBe(false);
  });
});
