import { describe, expect, it } from 'vitest';
import type { ExitSignal, OutputSignal, ProcessCompleteSignal, ReadySignal } from '../../../shared/protocol/signals.ts';
import { eventually } from '../../kit/eventually.ts';
import { AGENTS, useAgent } from './both-agents.ts';

describe.each(Object.entries(AGENTS))('the %s agent', (_name, launcherOf) => {
  it('enrols, says ready with the port it listens on, and proves itself over SSH', async () => {
    const { plane, startReady } = await useAgent(launcherOf);
    const { container, client } = await startReady();
    const ready = plane.signals[0]?.body as ReadySignal;
    expect(plane.enrolments[0]?.taskArn).toMatch(/^arn:/);
    expect(container.ports()).toContainEqual({ containerPort: 22, hostPort: ready.ports?.['22'] });
    expect(await client.health('a-nonce-of-this-test')).toMatchObject({ phase: 'ready', environmentSet: false });
  });

  it('starts a process once per key, keeps its output, and reports its end', async () => {
    const { plane, startReady } = await useAgent(launcherOf);
    const { client } = await startReady();
    const first = await client.startProcess('greets', { command: ['printf', 'hello'] });
    const again = await client.startProcess('greets', { command: ['printf', 'hello'] });
    expect(again).toMatchObject({ processId: 'greets', startTime: first.startTime });
    await expect(client.startProcess('greets', { command: ['printf', 'other'] })).rejects.toMatchObject({
      code: 'PROCESS_CONFLICT',
    });
    await eventually('the end', () => plane.kinds.includes('processComplete'));
    const complete = plane.signals.at(-1)?.body as ProcessCompleteSignal;
    expect(complete).toMatchObject({ processId: 'greets', result: { exitCode: 0, reason: 'exited' } });
    expect(complete.bytes).toEqual({ stdout: 5, stderr: 0 });
    expect((await client.processOutput('greets', 'stdout', 1, 3)).bytes.toString()).toBe('ell');
    expect(await client.processStatus('greets')).toMatchObject({ state: 'exited', result: { exitCode: 0 } });
    await expect(client.processStatus('nobody')).rejects.toMatchObject({ code: 'PROCESS_UNKNOWN' });
    await eventually('the chunk', () => plane.output('greets', 'stdout').toString() === 'hello');
  });

  it('reports the exit code of a process that fails', async () => {
    const { plane, startReady } = await useAgent(launcherOf);
    const { client } = await startReady();
    await client.startProcess('fails', { command: ['false'] });
    await eventually('the end', () => plane.kinds.includes('processComplete'));
    expect(plane.signals.at(-1)?.body).toMatchObject({ result: { exitCode: 1, signal: null } });
  });

  it('takes the secure environment once, and the same again', async () => {
    const { startReady } = await useAgent(launcherOf);
    const { client } = await startReady();
    await client.putEnvironment({ secure: { A: 'a-secret-value' } });
    await client.putEnvironment({ secure: { A: 'a-secret-value' } });
    expect(await client.health('another-nonce-here')).toMatchObject({ environmentSet: true });
    await expect(client.putEnvironment({ secure: { A: 'another-value' } })).rejects.toMatchObject({
      code: 'PROCESS_CONFLICT',
    });
  });

  it('says output, process complete and exit in this order when it is told to shut down', async () => {
    const { plane, startReady } = await useAgent(launcherOf);
    const { container, client } = await startReady();
    await client.startProcess('sleeps', { command: ['sleep', '600'] });
    await client.shutdown();
    expect(await container.ended).toEqual({ exitCode: 0 });
    expect(plane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
    const output = plane.signals[1]?.body as OutputSignal;
    expect(output).toMatchObject({ cause: 'shutdown-file', process: { id: 'sleeps' } });
    expect(plane.signals[2]?.body).toMatchObject({ result: { exitCode: null, reason: 'shutdown-file' } });
    expect(plane.signals[3]?.body as ExitSignal).toMatchObject({ cause: 'shutdown-file', exitCode: 0 });
  });

  it('ends with 143 and without an output signal when it is stopped while nothing runs', async () => {
    const { plane, startReady } = await useAgent(launcherOf);
    const { container } = await startReady();
    container.terminate();
    expect(await container.ended).toEqual({ exitCode: 143 });
    expect(plane.kinds).toEqual(['ready', 'exit']);
  });

  it('sends a signal again until it is answered, and nothing twice or out of order', async () => {
    const { plane, startReady } = await useAgent(launcherOf);
    plane.failNext('enrol', 'lost-answer');
    plane.failNext('signal', 'lost-answer', 'reset', { status: 503 });
    const { container, client } = await startReady();
    plane.failNext('signal', 'reset', 'lost-answer');
    await client.shutdown();
    expect(await container.ended).toEqual({ exitCode: 0 });
    expect(plane.kinds).toEqual(['ready', 'exit']);
    expect(plane.signals.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it('leaves without a word when it was given up before it came', async () => {
    const { plane, start } = await useAgent(launcherOf);
    plane.failNext('enrol', { status: 410, body: '{"code":"ENROLMENT_VOID","message":"Given up."}' });
    expect(await (await start()).ended).toEqual({ exitCode: 77 });
    expect(plane.signals).toEqual([]);
  });

  it('is gone at once and silent when it is killed', async () => {
    const { plane, startReady } = await useAgent(launcherOf);
    const { container } = await startReady();
    container.kill();
    expect(await container.ended).toEqual({ exitCode: 137 });
    expect(plane.kinds).toEqual(['ready']);
  });

  it('waits for a control plane that is not there yet, and keeps what it has to say while that is away', async () => {
    const { plane, start, endpointOf, connect } = await useAgent(launcherOf);
    const container = await plane.away(start);
    await eventually('the ready signal', () => plane.kinds.includes('ready'));
    const client = await connect(endpointOf(container));
    await plane.away(async () => {
      await client.startProcess('greets', { command: ['printf', 'hello'] });
      await eventually('the end', async () => (await client.processStatus('greets')).state === 'exited');
    });
    await eventually('the report of the end', () => plane.kinds.includes('processComplete'));
    await client.shutdown();
    await container.ended;
    expect(plane.kinds).toEqual(['ready', 'processComplete', 'exit']);
  });
});
