import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReadySignal } from '../../../shared/protocol/signals.ts';
import { processesOf } from '../../../controlplane/localecs/process/process-tree.ts';
import { connectAgent } from '../../../controlplane/ssh/agent-client.ts';
import {
  AGENT_STATE_DIRECTORY,
  sharedSpoolFile,
  shortSocketDirectory,
  spoolFileIn,
} from '../../../shared/system/agent-files.ts';
import { agentCommand } from '../../kit/agent/agent-process.ts';
import { eventually } from '../../kit/eventually.ts';
import { FakeControlPlane } from '../../kit/agent/fake-control-plane.ts';
import { startTestEcs, testIdentity, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { MemoryLedger } from '../../kit/memory/memory-ledger.ts';

const AGENT = [...agentCommand(), 'run'];

let plane: FakeControlPlane;
let test: TestEcs;

beforeEach(async () => {
  plane = await FakeControlPlane.start();
  test = await startTestEcs(AGENT, { closeGraceMs: 10_000 });
});
afterEach(async () => {
  await test.close();
  await plane.close();
});

async function launch() {
  const { signalUrl, enrolUrl, token: enrolToken } = plane;
  const container = test.container(new MemoryLedger({ ...testIdentity(), signalUrl, enrolUrl, enrolToken }));
  const outcome = await container.run();
  if (outcome.kind !== 'launched') throw new Error(JSON.stringify(outcome));
  return { container, arn: outcome.arn };
}

describe('the agent in local ECS', () => {
  it('enrols with its ARN, is ready at the address that ECS reports, and says goodbye when it is stopped', async () => {
    const { container, arn } = await launch();
    await eventually('the ready signal', () => plane.kinds.includes('ready'));
    expect(plane.enrolments[0]?.taskArn).toBe(arn);
    const ready = plane.signals[0]?.body as ReadySignal;
    expect(await container.address()).toEqual({ host: '127.0.0.1', port: ready.ports?.['22'] });
    await container.kill('the test is over');
    await eventually('the stop', () => container.hasStopped());
    expect(plane.kinds.at(-1)).toBe('exit');
    expect(await container.status()).toMatchObject({ exitCode: 143, stopCode: 'UserInitiated' });
  });

  it('leaves nothing in /dev/shm when it is killed while its last words are there, because its disk is full', async () => {
    const { container, arn } = await launch();
    await eventually('the ready signal', () => plane.kinds.includes('ready'));
    const root = join(test.directory, 'tasks', arn.split('/').at(-1) ?? '');
    expect(existsSync(spoolFileIn(join(root, AGENT_STATE_DIRECTORY)))).toBe(true);
    const inMemory = sharedSpoolFile(spoolFileIn(join(root, AGENT_STATE_DIRECTORY)));
    writeFileSync(inMemory, 'last words');
    await test.ecs.injectFault({ kind: 'crash', task: arn });
    await eventually('the stop', () => container.hasStopped());
    expect(existsSync(inMemory)).toBe(false);
  });

  it('leaves no socket in /tmp when it is killed, though the path below its directory was too long for one', async () => {
    const { container, arn } = await launch();
    await eventually('the ready signal', () => plane.kinds.includes('ready'));
    const short = shortSocketDirectory(join(test.directory, 'tasks', arn.split('/').at(-1) ?? ''));
    // The directory of this test may be short enough for a socket of its own: then the agent has made no other.
    mkdirSync(short, { recursive: true });
    await test.ecs.injectFault({ kind: 'crash', task: arn });
    await eventually('the stop', () => container.hasStopped());
    expect(existsSync(short)).toBe(false);
  });

  it('is gone with everything when it crashes, with what the build started in a session of its own too', async () => {
    const { container, arn } = await launch();
    await eventually('the ready signal', () => plane.kinds.includes('ready'));
    const address = await container.address();
    const agent = await connectAgent({
      ...address!,
      user: 'root',
      privateKey: plane.clientKeys.privateKey,
      hostKeyLine: plane.enrolments[0]!.hostKey,
      timeoutMs: 10_000,
      keepaliveMs: 10_000,
    });
    const before = processesOf(test.directory).length;
    await agent.startProcess('build', { command: ['setsid', 'sleep', '600'] });
    await eventually('the process', () => processesOf(test.directory).length > before);
    await agent.close();
    await test.ecs.injectFault({ kind: 'crash', task: arn });
    await eventually('the stop', () => container.hasStopped());
    expect(await container.status()).toMatchObject({ exitCode: 137, stopCode: 'EssentialContainerExited' });
    expect(processesOf(test.directory)).toEqual([]);
  });
});
