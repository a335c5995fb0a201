import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProcessStatus } from '../../../shared/protocol/agent-api.ts';
import type { ExitSignal, OutputSignal, ProcessCompleteSignal } from '../../../shared/protocol/signals.ts';
import { AgentProcess, type AgentProcessOptions } from '../../kit/agent/agent-process.ts';
import { eventually } from '../../kit/eventually.ts';

const agents: AgentProcess[] = [];
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.close()));
});

async function startAgent(options: AgentProcessOptions = {}): Promise<AgentProcess> {
  const agent = await AgentProcess.start(options);
  agents.push(agent);
  return agent;
}

function sent<T>(agent: AgentProcess, kind: string): T {
  const found = agent.controlPlane.signals.find((signal) => signal.kind === kind);
  if (!found) throw new Error(`no signal ${kind}: ${agent.log}`);
  return found.body as unknown as T;
}

const text = (base64: string): string => Buffer.from(base64, 'base64').toString();

describe('an agent that starts', () => {
  it('enrols once and says ready with where it can be reached', async () => {
    const agent = await startAgent();
    const ready = await agent.ready();
    expect(agent.controlPlane.enrolments).toHaveLength(1);
    expect(ready).toMatchObject({ isolation: 'none', host: '127.0.0.1', shutdownFile: agent.shutdownFile, taskId: 1 });
    expect(ready.ports?.['22']).toBeGreaterThan(0);
  });

  it('writes its port to WIP_AGENT_PORT_FILE before it is ready', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'wip-port-'));
    const file = join(directory, 'ports.json');
    const agent = await startAgent({ environment: { WIP_AGENT_PORT_FILE: file } });
    const { ports } = await agent.ready();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(ports);
    rmSync(directory, { recursive: true });
  });

  it('answers health with the nonce, for its own commands too', async () => {
    const agent = await startAgent({ config: '[time]\nmax_workload = 77\n' });
    const { body } = await agent.json<Record<string, unknown>>('GET', '/v1/health?nonce=abc');
    expect(body).toMatchObject({ nonce: 'abc', phase: 'ready', environmentSet: false, limits: { maxTimeSeconds: 77 } });
  });

  it('stays away from ready for ENTRY_POINT_DELAY seconds', async () => {
    const agent = await startAgent({ environment: { ENTRY_POINT_DELAY: '2' } });
    await agent.ready();
    const { body } = await agent.json<{ uptimeSeconds: number }>('GET', '/v1/health');
    expect(body.uptimeSeconds).toBeGreaterThanOrEqual(2);
  });

  it('enrols and tells what is wrong when config.ini has an unknown key, and exits with 78', async () => {
    const agent = await startAgent({ config: '[disk]\nmaximum = 3\n' });
    expect(await agent.ended).toBe(78);
    expect(agent.controlPlane.kinds).toEqual(['output', 'exit']);
    expect(sent<OutputSignal>(agent, 'output').exitLog).toMatch(/\[disk\] maximum is not a key of this section/);
    expect(sent<ExitSignal>(agent, 'exit').exitCode).toBe(78);
  });

  it.each(['[shutdown] file', '[api] socket'])('says so when %s names a directory, and exits with 78', async (name) => {
    const [section = '', key = ''] = name.split(' ');
    const agent = await startAgent({ config: `${section}\n${key} = /tmp\n` });
    expect(await agent.ended).toBe(78);
    expect(sent<OutputSignal>(agent, 'output').exitLog).toContain(`${name} names a directory that is there already`);
  });

  it('exits with 77 when the enrolment is void or was used before', async () => {
    for (const [status, code] of [
      [409, 'ENROLMENT_REUSED'],
      [410, 'ENROLMENT_VOID'],
    ] as const) {
      const agent = await startAgent();
      agent.controlPlane.failNext('enrol', { status, body: JSON.stringify({ code, message: 'No.' }) });
      expect(await agent.ended).toBe(77);
      expect(agent.controlPlane.signals).toEqual([]);
    }
  });
});

describe('a process of an agent', () => {
  it('runs, is complete with its exit code, and its output is there in full', async () => {
    const agent = await startAgent();
    const started = await agent.startProcess('one', { command: { shell: 'echo out; echo err >&2; exit 3' } });
    expect(started).toMatchObject({ processId: 'one', state: 'running' });
    const status = await agent.exited('one');
    expect(status.result).toMatchObject({ exitCode: 3, signal: null, reason: 'exited' });
    expect(status.streams).toEqual({ stdout: { bytes: 4, omitted: 0 }, stderr: { bytes: 4, omitted: 0 } });
    expect((await agent.output('one')).toString()).toBe('out\n');
    expect((await agent.output('one', 'stream=stderr&offset=1')).toString()).toBe('rr\n');
    await eventually('process complete', () => agent.controlPlane.kinds.includes('processComplete'));
    expect(sent<ProcessCompleteSignal>(agent, 'processComplete')).toMatchObject({
      processId: 'one',
      result: { exitCode: 3, reason: 'exited' },
      bytes: { stdout: 4, stderr: 4 },
    });
    await eventually('chunks', () => agent.controlPlane.output('one', 'stderr').toString() === 'err\n');
  });

  it('is started once for the same key and body, and refused for another body', async () => {
    const agent = await startAgent();
    const body = { command: ['sh', '-c', 'echo x >> runs; sleep 60'] };
    const first = await agent.startProcess('same', body);
    const second = await agent.startProcess('same', body);
    expect(second.pid).toBe(first.pid);
    const conflict = await agent.json<{ code: string }>('PUT', '/v1/processes/same', { command: ['true'] });
    expect(conflict).toMatchObject({ status: 409, body: { code: 'PROCESS_CONFLICT' } });
  });

  it.each([
    ['cat /dev/stdin', 'cat /dev/stdin'],
    ['cat < /dev/stdin', 'cat < /dev/stdin'],
    ['after the end of the input', 'cat > /dev/null; cat /dev/stdin; echo hello'],
    ['a test for a pipe', 'test -p /dev/stdin && cat'],
  ])('lets a process open its stdin by name, without "No such device or address": %s', async (_how, shell) => {
    const agent = await startAgent();
    await agent.ready();
    await agent.startProcess('named', { command: { shell }, stdin: 'hello\n' });
    const { result } = await agent.exited('named');
    expect([result?.exitCode, (await agent.output('named')).toString()]).toEqual([0, 'hello\n']);
  });

  it('gets an environment made from nothing, with the overrides that are for the build', async () => {
    const agent = await startAgent({
      environment: { WIP_BUILD_ENV: 'COLOUR,SIGNAL_URL', COLOUR: 'blue', NOT_LISTED: 'x' },
    });
    await agent.json('PUT', '/v1/environment', { secure: { API_TOKEN: 'tok-123456' } });
    await agent.startProcess('env', { command: ['env'], environment: { MINE: '1' } });
    await agent.exited('env');
    const lines = (await agent.output('env')).toString().split('\n');
    expect(lines).toContain('COLOUR=blue');
    expect(lines).toContain('MINE=1');
    expect(lines).toContain('API_TOKEN=**********');
    expect(lines.some((line) => /^(NOT_LISTED|SIGNAL_URL|WIP_ENROL|WIP_AGENT_ROOT)/.test(line))).toBe(false);
    const names = lines
      .map((line) => line.split('=')[0])
      .filter((name) => name !== '' && !['PWD', 'SHLVL', '_'].includes(name ?? ''));
    expect(names.toSorted()).toEqual(
      [
        'API_TOKEN',
        'COLOUR',
        'HOME',
        'LANG',
        'LOGNAME',
        'MINE',
        'PATH',
        'SHELL',
        'TMPDIR',
        'USER',
        'WIP_PROCESS',
      ].toSorted(),
    );
  });

  it('finds wip-agent on its PATH', async () => {
    const agent = await startAgent();
    await agent.startProcess('tool', { command: ['wip-agent', '--version'] });
    await agent.exited('tool');
    expect((await agent.output('tool')).toString()).toMatch(/^wip-agent \d+\.\d+\.\d+\n$/);
  });

  it('never shows a secret: not in chunks, output, status or log, whole or encoded', async () => {
    const secret = 'hunter2-correct-horse';
    const agent = await startAgent();
    await agent.startProcess('leak', {
      command: {
        shell:
          'printf "%s|" "$SECRET"; printf "%s" "$SECRET" | base64; printf hunter2; sleep 0.4; printf -- -correct-horse',
      },
      secureEnvironment: { SECRET: secret },
    });
    await agent.exited('leak');
    const output = (await agent.output('leak')).toString();
    const stars = '*'.repeat(secret.length);
    expect(output.startsWith(`${stars}|`)).toBe(true);
    expect(output.endsWith(stars)).toBe(true);
    await eventually('the chunks', () => agent.controlPlane.output('leak', 'stdout').toString() === output);
    const everything = output + agent.log + JSON.stringify(agent.controlPlane.signals);
    expect(everything).not.toContain(secret);
    expect(output).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
  });

  it('that cannot be started says why and is complete with spawn-failed', async () => {
    const agent = await startAgent();
    await agent.startProcess('nowhere', { command: ['true'], cwd: '/does/not/exist' });
    expect((await agent.exited('nowhere')).result).toMatchObject({ exitCode: null, reason: 'spawn-failed' });
    expect((await agent.output('nowhere', 'stream=stderr')).toString()).toContain('/does/not/exist');
    const unknown = await agent.json<{ code: string }>('PUT', '/v1/processes/who', {
      command: ['true'],
      user: 'no-such-user',
    });
    expect(unknown).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    expect((await agent.output('nowhere', 'stream=stderr')).toString()).toMatch(
      /^The command could not be started in \S+: there is no such directory\n$/,
    );
  });

  it('ends by a signal over the API as cancelled, with all its children', async () => {
    const agent = await startAgent();
    await agent.startProcess('tree', {
      command: { shell: 'setsid sleep 300 & echo $!; trap "" TERM; sleep 300 & wait; sleep 300' },
    });
    const daemon = await eventually('the daemon', async () => Number((await agent.output('tree')).toString().trim()));
    await agent.call('POST', '/v1/processes/tree/signal', { signal: 'TERM', graceSeconds: 0.3 });
    expect((await agent.exited('tree')).result?.reason).toBe('cancelled');
    await eventually('the end of the daemon', () => !existsSync(`/proc/${daemon}`));
  });

  it.skipIf(process.getuid?.() !== 0)(
    'runs as another user when the agent is root, who may open its own output again',
    async () => {
      const agent = await startAgent();
      await agent.startProcess('who', {
        command: { shell: 'id -un; echo again > /dev/stdout; echo more' },
        user: 'nobody',
        cwd: '/',
      });
      expect((await agent.exited('who')).result).toMatchObject({ exitCode: 0 });
      expect((await agent.output('who')).toString()).toContain('again\nmore\n');
    },
  );

  it('keeps beginning and end of more output than is kept, with exact counts', async () => {
    const agent = await startAgent();
    await agent.startProcess('chatty', { command: { shell: 'seq 1 1000000; sleep 300' } });
    // seq 1 1000000 writes 6,888,896 bytes.
    await eventually('all output', async () => {
      const { body } = await agent.json<ProcessStatus>('GET', '/v1/processes/chatty');
      return body.streams.stdout.bytes === 6_888_896;
    });
    expect((await agent.output('chatty', 'offset=6888889')).toString()).toBe('000000\n');
    await agent.call('POST', '/v1/shutdown');
    await agent.ended;
    const { stdout } = sent<OutputSignal>(agent, 'output');
    expect(text(stdout?.head ?? '').startsWith('1\n2\n3\n')).toBe(true);
    expect(text(stdout?.tail ?? '').endsWith('999999\n1000000\n')).toBe(true);
    expect(stdout).toMatchObject({ bytes: 6_888_896, omitted: 6_888_896 - 65_536 - 1_048_576 });
  });

  it('can be followed while it writes', async () => {
    const agent = await startAgent();
    await agent.startProcess('slow', { command: { shell: 'for i in 1 2 3; do echo $i; sleep 0.2; done' } });
    expect((await agent.output('slow', 'stream=stdout&follow=true')).toString()).toBe('1\n2\n3\n');
  });
});

describe('files over the API of an agent', () => {
  it('are written with their mode by rename and read again; what cannot be is refused with the reason', async () => {
    const agent = await startAgent();
    const content = Buffer.from([0, 1, 2, 255]);
    expect((await agent.call('PUT', '/v1/files?path=deep/key&mode=0600', content)).status).toBe(200);
    expect((await agent.call('GET', '/v1/files?path=deep/key')).body).toEqual(content);
    await agent.startProcess('mode', { command: ['stat', '-c', '%a', 'deep/key'] });
    await agent.exited('mode');
    expect((await agent.output('mode')).toString()).toBe('600\n');
    const missing = await agent.json<{ code: string; message: string }>('GET', '/v1/files?path=/no/such/file');
    expect(missing).toMatchObject({ status: 422, body: { code: 'FILE_REFUSED' } });
    expect(missing.body.message).toMatch(/No such file/);
  });
});
