import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ownScript } from '../../../agent/process/own-program.ts';
import { readProcTable } from '../../../shared/system/proc-table.ts';
import { SCRATCH, whyNoContainer, type AgentContainerOptions } from '../../kit/agent/agent-container.ts';
import { agentCommand, type AgentProcess } from '../../kit/agent/agent-process.ts';
import { createAgentSuite, skipped } from '../../kit/agent/agent-suite.ts';
import { eventually } from '../../kit/eventually.ts';

const { start, startInContainer } = createAgentSuite();
const skipReason = whyNoContainer();

const EXPECTED = { BUILD_TOOL_STANDBY: 'true' };
const SECRET = 'correct-horse-battery';
const MASKED = '*'.repeat(SECRET.length);
const WORKSPACE = `${SCRATCH}/workspace`;
const RUN = ['run', '--event', 'build', '--source-path', 'main', '--workspace', WORKSPACE];

// What a program has from the one that started it, of the build tool and not of its step: that is $PPID.
const SHOW = [
  'status=/proc/$PPID/status',
  "grep -E '^(Umask|Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp|Sig(Blk|Ign)):' $status",
  'cat /proc/$PPID/limits /proc/$PPID/oom_score_adj',
  "sed 's/.*) //' /proc/$PPID/stat | cut -d' ' -f 16,17,38,39", // priority, nice, real-time priority, policy
  'test "$(sed "s/.*) //" /proc/$PPID/stat | cut -d" " -f 3,4)" = "$PPID $PPID" && echo leads its session and group',
  'readlink /proc/$PPID/cwd /proc/$PPID/fd/0',
  'ls -l /proc/$PPID/fd | grep -c "socket:" || true',
  'umask',
  "env | grep -Ev '^(WIP_PROCESS|SECOND|_)=' | sort",
];
const STEPS = `version: 1.3.0\nevents:\n  build:\n    steps:\n      - show:\n          script:\n${SHOW.map((line) => `            - ${JSON.stringify(line)}\n`).join('')}`;

/** The wip-agent of the image, and a workspace whose steps show how the build tool was started. */
async function prepare(agent: AgentProcess): Promise<void> {
  const [program = '', ...more] = agentCommand();
  const plant =
    more.length === 0
      ? `ln -s ${program} ${SCRATCH}/wip-agent`
      : `install -m 755 ${SCRATCH}/script ${SCRATCH}/wip-agent`;
  await agent.call('PUT', `/v1/files?path=${SCRATCH}/script&mode=755`, Buffer.from(ownScript(agentCommand())));
  await agent.call('PUT', `/v1/files?path=${WORKSPACE}/acquia-pipelines.yaml&mode=644`, Buffer.from(STEPS));
  await agent.startProcess('plant', { command: { shell: plant } });
  expect((await agent.exited('plant')).result).toMatchObject({ exitCode: 0 });
}

/** Processes that wait for an order, in this machine's numbering, below the agent. */
function waiting(agent: AgentProcess): number[] {
  return readProcTable()
    .filter(({ parentPid, isZombie }) => parentPid === agent.pid && !isZombie)
    .map(({ pid }) => pid)
    .filter((pid) => /\0build\0standby\0/.test(text(`/proc/${pid}/cmdline`)));
}

function text(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // ended a moment ago
  }
}

const onlyWaiting = (agent: AgentProcess): Promise<number> => eventually('a build tool waits', () => waiting(agent)[0]);

/** The pid of a process of this machine in the container's own numbering. */
const pidInside = (pid: number): number => Number(/^NSpid:.*\t(\d+)$/m.exec(text(`/proc/${pid}/status`))?.[1]);

const inScratch = { PATH: `${SCRATCH}:/usr/bin:/bin` };

async function started(container: AgentContainerOptions, environment: Record<string, string>): Promise<AgentProcess> {
  const { agent } = await startInContainer(container, { environment });
  await prepare(agent);
  return agent;
}

/** Runs the build tool on the workspace, and returns its pid, result and output. */
async function run(
  agent: AgentProcess,
  key: string,
  words: readonly string[] = RUN,
  environment: Readonly<Record<string, string>> = {},
) {
  const { pid } = await agent.startProcess(key, {
    command: ['wip-agent', 'build', ...words],
    environment: { ...inScratch, ...environment },
    secureEnvironment: { TOKEN: SECRET },
  });
  const { result } = await agent.exited(key);
  const [out = '', err = ''] = await Promise.all(
    ['stdout', 'stderr'].map(async (stream) => (await agent.output(key, `stream=${stream}`)).toString()),
  );
  return { pid, result, output: `${out}${err}`.replace(/[\d.]+ (m?s)/g, '- $1') };
}

const NOTHING_GIVEN = ['HOME', 'LANG', 'LOGNAME', 'PATH', 'SHELL', 'USER', 'WIP_PROCESS'];

describe.skipIf(skipReason)(`a build tool that waits for its command${skipped(skipReason)}`, () => {
  it.each([
    ['without other groups', {}],
    ['with a supplementary group', { supplementaryGroup: 54_321 }],
  ])(
    'runs it like one that is started for it, as a user %s',
    async (_name, container) => {
      const agent = await started(container, { ...EXPECTED, WIP_BUILD_ENV: 'PLAIN', PLAIN: 'an override' });
      await agent.call('PUT', '/v1/environment', { secure: { SECURE: SECRET } });
      const waited = pidInside(await onlyWaiting(agent));
      const taken = await run(agent, 'taken');
      expect(taken).toMatchObject({ pid: waited, result: { exitCode: 0, reason: 'exited' } });
      const shown = ['leads its session and group\n', `SECURE=${MASKED}\n`, `TOKEN=${MASKED}\n`, 'PLAIN=an override\n'];
      for (const line of shown) expect(taken.output).toContain(line);
      // Without one that waits, a build tool is started for the command.
      process.kill(await onlyWaiting(agent), 'SIGKILL');
      await eventually('its end', () => waiting(agent).length === 0);
      const fresh = await run(agent, 'fresh');
      expect(fresh.result).toMatchObject({ exitCode: 0, reason: 'exited' });
      expect(taken.output).toBe(fresh.output);
    },
    60_000,
  );

  it('has nothing of the agent and of the build before, and takes two commands that are exactly its own', async () => {
    const agent = await started({}, { ...EXPECTED, WIP_BUILD_ENV: 'PLAIN', PLAIN: 'an override' });
    await agent.call('PUT', '/v1/environment', { secure: { SECURE: SECRET } });
    const first = await onlyWaiting(agent);
    const names = text(`/proc/${first}/environ`)
      .split('\0')
      .map((line) => line.split('=')[0] ?? '');
    expect(names.filter((name) => !['', 'PWD', 'OLDPWD'].includes(name)).sort()).toEqual(NOTHING_GIVEN);
    expect(text(`/proc/${first}/status`)).toMatch(/^Uid:\t12345\t12345\t12345\t12345$/m);
    expect(text(`/proc/${first}/status`)).toMatch(/^CapEff:\t0{16}$/m);

    const other = `mkdir ${SCRATCH}/other; printf '#!/bin/sh\necho another\n' >${SCRATCH}/other/wip-agent; chmod 755 ${SCRATCH}/other/wip-agent`;
    await agent.startProcess('plant-another', { command: { shell: other } });
    await agent.exited('plant-another');
    const another = await run(agent, 'another', ['help'], { PATH: `${SCRATCH}/other:${inScratch.PATH}` });
    expect(another.output).toBe('another\n');
    const traced = await run(agent, 'traced', ['help'], { LD_DEBUG: 'files', LD_DEBUG_OUTPUT: `${SCRATCH}/trace` });
    expect(traced.output).toContain('build export');
    expect(waiting(agent)).toEqual([first]);

    const insides = [pidInside(first)];
    const taken = [await run(agent, 'one', ['help'])];
    insides.push(pidInside(await onlyWaiting(agent)));
    taken.push(await run(agent, 'two', ['help']));
    expect(taken.map(({ pid }) => pid)).toEqual(insides);
    expect(taken.map(({ output }) => output)).toEqual([traced.output, traced.output]);
    expect(waiting(agent)).toEqual([]);
  }, 60_000);
});

describe('a build tool that waits', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('ends when the agent ends by %s', async (signal) => {
    const agent = await start({ environment: EXPECTED });
    await agent.ready();
    const pid = await onlyWaiting(agent);
    process.kill(agent.pid, signal);
    await agent.ended;
    await eventually('its end', () => !existsSync(`/proc/${pid}`));
  });

  it('is cancelled like every process of a build once it has its command', async () => {
    const agent = await start({ environment: EXPECTED });
    await onlyWaiting(agent);
    const workspace = `${agent.root}/workspace`;
    const file = STEPS.replace(/script:[^]*/, 'script:\n            - sleep 600\n');
    await agent.call('PUT', `/v1/files?path=${workspace}/acquia-pipelines.yaml&mode=644`, Buffer.from(file));
    const { pid } = await agent.startProcess('run', {
      command: ['wip-agent', 'build', ...RUN.slice(0, -1), workspace],
    });
    await eventually('the step', async () => (await agent.output('run')).includes('step 1 of 1'));
    expect(text(`/proc/${pid}/cmdline`)).toMatch(/^wip-agent build run/);
    await agent.call('POST', '/v1/processes/run/signal', { signal: 'TERM' });
    expect(await agent.exited('run')).toMatchObject({ pid, result: { exitCode: 143, reason: 'cancelled' } });
  });

  it('is not there in a container that nobody expects to build', async () => {
    const agent = await start();
    await agent.startProcess('help', { command: ['wip-agent', 'build', 'help'] });
    expect((await agent.exited('help')).result).toMatchObject({ exitCode: 0 });
    expect(waiting(agent)).toEqual([]);
  });
});
