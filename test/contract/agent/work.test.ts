import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { eventually } from '../../kit/eventually.ts';
import { AGENTS, FILLS_DISK, KILLS_ITSELF, MISSING_PROGRAM, useAgent } from './both-agents.ts';

const sleeps = ['sleep', '600'];

describe.each(Object.entries(AGENTS))('the %s agent at work', (_name, launcherOf) => {
  it.each([
    ['a signal of its own', KILLS_ITSELF, { exitCode: null, signal: 'SIGKILL', reason: 'killed' }],
    ['a program that is missing', MISSING_PROGRAM, { exitCode: 127, reason: 'exited' }],
  ])('reports a process that ends by %s', async (_what, command, result) => {
    const { plane, startReady } = await useAgent(launcherOf);
    const { client } = await startReady();
    await client.startProcess('ends', { command });
    await eventually('the end', () => plane.kinds.includes('processComplete'));
    expect(plane.signals.at(-1)?.body).toMatchObject({ processId: 'ends', result });
  });

  it('ends a process that it is told to end', async () => {
    const { plane, startReady } = await useAgent(launcherOf);
    const { client } = await startReady();
    await client.startProcess('sleeps', { command: sleeps });
    await client.signalProcess('sleeps', { signal: 'TERM' });
    await eventually('the end', () => plane.kinds.includes('processComplete'));
    expect(plane.signals.at(-1)?.body).toMatchObject({ result: { exitCode: null, signal: 'SIGTERM' } });
    await expect(client.signalProcess('nobody', { signal: 'TERM' })).rejects.toMatchObject({ code: 'PROCESS_UNKNOWN' });
  });

  it('says that a process makes no progress', async () => {
    const { startReady } = await useAgent(launcherOf);
    const { client } = await startReady();
    await client.startProcess('sleeps', { command: sleeps, noProgressAfter: 0.1 });
    await eventually('a process without progress', async () => (await client.processStatus('sleeps')).noProgress);
  });

  it('takes files and gives them back', async () => {
    const { directory, startReady } = await useAgent(launcherOf);
    const { client } = await startReady();
    const file = path.join(directory, 'note.bin');
    const content = Buffer.from([0, 1, 2, 255]);
    await client.writeFile({ path: file, content });
    expect(await client.readFile({ path: file })).toEqual(content);
    await expect(client.readFile({ path: `${file}.none` })).rejects.toMatchObject({ code: 'FILE_REFUSED' });
  });

  it('counts what was started', async () => {
    const { startReady } = await useAgent(launcherOf);
    const { client } = await startReady();
    await client.startProcess('sleeps', { command: sleeps });
    expect((await client.usage()).processes.started).toBe(1);
    const { processes } = await client.health('a-nonce-of-this-test');
    expect(processes).toMatchObject([{ processId: 'sleeps', state: 'running' }]);
  });

  it('lets nobody in but who has the key, and is nobody else', async () => {
    const { startReady, endpointOf, connect } = await useAgent(launcherOf);
    const { container } = await startReady();
    const endpoint = endpointOf(container);
    const { privateKey, publicLine } = createSshKeyPair();
    await expect(connect({ ...endpoint, privateKey })).rejects.toMatchObject({ code: 'SSH_AUTH' });
    await expect(connect({ ...endpoint, hostKeyLine: publicLine })).rejects.toMatchObject({ code: 'SSH_HOST_KEY' });
  });

  it('starts nothing new once it stops, and still answers who is in', async () => {
    const { plane, startReady } = await useAgent(launcherOf);
    const { client } = await startReady();
    plane.failNext('signal', ...Array.from({ length: 50 }, () => 'reset' as const));
    await client.shutdown();
    expect(await client.health('a-nonce-of-this-test')).toMatchObject({ phase: 'stopping' });
    await expect(client.startProcess('late', { command: sleeps })).rejects.toMatchObject({ code: 'AGENT_STOPPING' });
  });

  it('ends at its time limit, and says so', async () => {
    const limits = { maxTimeSeconds: 1, maxDiskGb: null };
    const { plane, start } = await useAgent(launcherOf, { limits });
    await (
      await start()
    ).ended;
    const exit = plane.signals.at(-1);
    expect(exit).toMatchObject({ kind: 'exit', body: { cause: 'limit-time' } });
  });

  it('ends at its disk limit, with the output of what filled it', async () => {
    const { plane, startReady } = await useAgent(launcherOf, { limits: { maxTimeSeconds: null, maxDiskGb: 0.001 } });
    const { container, client } = await startReady();
    await client.startProcess('fills', { command: FILLS_DISK });
    await container.ended;
    expect(plane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
    expect(plane.signals[1]?.body).toMatchObject({ cause: 'limit-disk', process: { id: 'fills' } });
    expect(plane.signals[2]?.body).toMatchObject({ result: { reason: 'limit-disk' } });
  });
});
