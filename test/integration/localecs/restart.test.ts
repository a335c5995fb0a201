import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAccessKey } from '../../../controlplane/localecs/protocol/access-key.ts';
import { isRunning, processesOf } from '../../../controlplane/localecs/process/process-tree.ts';
import type { EcsSeen } from '../../../controlplane/containers/container.ts';
import type { EcsClient } from '../../../controlplane/ecs/client/ecs-client.ts';
import { eventually } from '../../kit/eventually.ts';
import { openTestClient, testContainer, testIdentity } from '../../kit/ecs/local-ecs.ts';
import { MemoryLedger } from '../../kit/memory/memory-ledger.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../kit/ecs/local-ecs-process.ts');
let directory = '';
let server: ChildProcess;
let client: EcsClient;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'wip-ecs-'));
});
afterEach(async () => {
  client.close();
  await end('SIGTERM');
  expect(processesOf(directory)).toEqual([]);
  await rm(directory, { recursive: true, force: true });
});

async function start(script: string): Promise<void> {
  server = spawn(process.execPath, [PROGRAM, '--directory', directory, '--script', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!server.stdout) throw new Error('the server was started with a pipe');
  const [endpoint] = (await once(server.stdout, 'data')) as [Buffer];
  client = openTestClient({ endpoint: endpoint.toString().trim(), accessKey: await openAccessKey(directory) });
}

async function end(signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill(signal);
  await exited;
}

async function restart(script: string): Promise<void> {
  client.close();
  await end('SIGKILL');
  await start(script);
}

async function launch(ledger = new MemoryLedger(testIdentity())): Promise<string> {
  const { arn: definitionArn } = await client.registerTaskDefinition({
    family: 'WIP_test',
    containerDefinitions: [{ name: 'build', image: 'none', memory: 64, stopTimeout: 2 }],
  });
  const outcome = await testContainer({ client, definitionArn }, ledger).run();
  if (outcome.kind !== 'launched') throw new Error(JSON.stringify(outcome));
  return outcome.arn;
}

function reaches(arn: string, status: string): Promise<EcsSeen> {
  return eventually(status, async () => {
    const look = await client.describe(arn, 'fresh');
    return look.kind === 'seen' && look.lastStatus === status ? look : null;
  });
}

/** Returns pid and start time of the container, as its wrapper wrote them down. */
function wrapperOf(arn: string): [number, string] {
  const file = path.join(directory, 'tasks', arn.replace(/^.*\//, ''), 'container.pid');
  const [pid, ticks = ''] = readFileSync(file, 'utf8').trim().split(' ');
  return [Number(pid), ticks];
}

const PATIENT = `echo '{"22": 40022}' >"$WIP_AGENT_PORT_FILE"; trap 'exit 143' TERM; while :; do sleep 0.05; done`;
/** Ends when the file "end" appears in its root. */
const UNTIL_TOLD = `while [ ! -e end ]; do sleep 0.05; done; exit 5`;

describe('local ECS, killed and started again', () => {
  it('adopts a container that still runs, and stops it as its own', async () => {
    await start(PATIENT);
    const arn = await launch();
    await reaches(arn, 'RUNNING');
    const wrapper = wrapperOf(arn);
    await restart(PATIENT);
    expect(isRunning(...wrapper)).toBe(true);
    const look = await reaches(arn, 'RUNNING');
    expect(look.address).toEqual({ host: '127.0.0.1', port: 40_022 });
    await client.stopTask(arn, 'enough');
    expect(await reaches(arn, 'STOPPED')).toMatchObject({ exitCode: 143, stoppedReason: 'enough' });
    expect(isRunning(...wrapper)).toBe(false);
  });

  it('knows the exit code of a container that ended while it was away', async () => {
    await start(UNTIL_TOLD);
    const arn = await launch();
    await reaches(arn, 'RUNNING');
    const [pid, ticks] = wrapperOf(arn);
    client.close();
    await end('SIGKILL');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(path.join(directory, 'tasks', arn.replace(/^.*\//, ''), 'end'), '');
    await eventually('the end of the container', () => !isRunning(pid, ticks));
    await start(UNTIL_TOLD);
    expect(await reaches(arn, 'STOPPED')).toMatchObject({ stopCode: 'EssentialContainerExited', exitCode: 5 });
  });

  it('reports a container that vanished with everything as stopped, without an exit code', async () => {
    await start(PATIENT);
    const arn = await launch();
    await reaches(arn, 'RUNNING');
    const [pid] = wrapperOf(arn);
    client.close();
    await end('SIGKILL');
    process.kill(-pid, 'SIGKILL');
    await start(PATIENT);
    expect(await reaches(arn, 'STOPPED')).toMatchObject({ exitCode: null });
  });

  it('still answers a client token with the task of before', async () => {
    await start(PATIENT);
    const ledger = new MemoryLedger(testIdentity());
    const arn = await launch(ledger);
    await restart(PATIENT);
    const tookOver = new MemoryLedger(ledger.identity);
    await tookOver.into(null).intend(() => Promise.resolve(ledger.request));
    expect(await testContainer({ client, definitionArn: 'unused' }, tookOver).run()).toEqual({ kind: 'launched', arn });
    expect(await client.listTasks({ desiredStatus: 'RUNNING' })).toEqual([arn]);
  });

  it('never runs one container twice, however often it is killed while it starts', async () => {
    const script = 'echo started >>"$HOME/starts"; while :; do sleep 0.05; done';
    await start(script);
    const launches = Array.from({ length: 6 }, (_, index) => launch(new MemoryLedger(testIdentity(index + 1))));
    const arns = await Promise.all(launches);
    for (let kill = 0; kill < 3; kill += 1) await restart(script);
    for (const arn of arns) await reaches(arn, 'RUNNING');
    const starts = arns.map((arn) => path.join(directory, 'tasks', arn.replace(/^.*\//, ''), 'home', 'starts'));
    for (const file of starts) await eventually('the start', () => existsSync(file));
    expect(starts.map((file) => readFileSync(file, 'utf8'))).toEqual(Array(6).fill('started\n'));
  });

  it('leaves no process behind when it ends cleanly, and shows the container as lost with its host', async () => {
    await start(PATIENT);
    const arn = await launch();
    await reaches(arn, 'RUNNING');
    const wrapper = wrapperOf(arn);
    client.close();
    await end('SIGTERM');
    expect(isRunning(...wrapper)).toBe(false);
    expect(processesOf(directory)).toEqual([]);
    await start(PATIENT);
    expect(await reaches(arn, 'STOPPED')).toMatchObject({ stopCode: 'TerminationNotice' });
  });
});

describe('local ECS at its end', () => {
  it('leaves no container behind of the launches that come while it ends', async () => {
    await start(PATIENT);
    const { arn: taskDefinition } = await client.registerTaskDefinition({
      family: 'WIP_test',
      containerDefinitions: [{ name: 'build', image: 'none', memory: 64, stopTimeout: 2 }],
    });
    const launches = Array.from({ length: 20 }, (_, index) =>
      client
        .runTask({
          cluster: 'default',
          taskDefinition,
          clientToken: `launch-${index}`,
          startedBy: `launch-${index}`,
          count: 1,
          overrides: { containerOverrides: [] },
          tags: [],
        })
        .catch(() => null),
    );
    await Promise.any(launches);
    await end('SIGTERM');
    await Promise.all(launches);
    expect(processesOf(directory)).toEqual([]);
  });
});
