import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ownChildrenOf } from '../../../controlplane/localecs/process/process-tree.ts';
import { canBecomeSubreaper } from '../../../controlplane/localecs/process/subreaper.ts';
import type { Usage } from '../../../shared/protocol/signals.ts';
import { eventually } from '../../kit/eventually.ts';
import { LocalContainer } from '../../kit/ecs/local-container.ts';

const MB = 1_000_000;
const containers: LocalContainer[] = [];

async function start(configIni = ''): Promise<LocalContainer> {
  const container = await LocalContainer.start(configIni);
  containers.push(container);
  return container;
}
afterEach(async () => {
  await Promise.all(containers.splice(0).map((container) => container.close()));
});

/** Starts a process without a parent, with its own session, an empty environment and none of the build's streams. */
function daemon(script: string): string {
  return `(setsid env -i /bin/sh -c '${script}' "$PWD" </dev/null >/dev/null 2>&1 &)`;
}

/** Returns the processes whose command line contains the word. */
function running(word: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => commandLine(pid).includes(word)).map(Number);
}

function commandLine(pid: string): string {
  try {
    // A zombie has no command line.
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

const GREEDY = 'exec 3>"$0/gone"; rm "$0/gone"; head -c 200000000 /dev/zero >&3; exec sleep 600';

describe.skipIf(process.arch !== 'x64')('a daemon that emptied its environment, under local ECS', () => {
  it.each([
    ['while its step goes on', `${daemon(GREEDY)}; sleep 600`],
    ['when its step has ended', daemon(GREEDY)],
  ])('is seen by the disk limit, deleted file and all, %s', async (_name, shell) => {
    const container = await start('[disk]\nmax_workload = 0.05\n');
    await container.startProcess('build', { command: { shell } });
    expect(await container.ended()).toBe(70);
    expect(container.exit().cause).toBe('limit-disk');
    expect(container.exit().usage?.disk.peakBytes).toBeGreaterThan(50 * MB);
  });

  it('is seen in memory, processor time and progress', async () => {
    const container = await start();
    // The shell keeps the memory, so that any later sample finds it.
    const busy = 'kept=$(head -c 100000000 /dev/zero | tr "\\0" x); while :; do :; done';
    await container.startProcess('build', { command: { shell: `${daemon(busy)}; exec sleep 600` } });
    const usage = async (): Promise<Usage> => {
      const { body } = await container.call('GET', '/v1/usage');
      return (JSON.parse(body.toString()) as { usage: Usage }).usage;
    };
    await eventually('its memory', async () => ((await usage()).memoryPeakBytes ?? 0) > 90 * MB);
    const { cpuSeconds } = await usage();
    const { progress } = await container.status('build');
    await eventually('its time', async () => ((await usage()).cpuSeconds ?? 0) > (cpuSeconds ?? 0) + 1);
    // The progress comes from its CPU time alone, because it writes nothing any more.
    expect((await container.status('build')).progress).toBeGreaterThanOrEqual(progress + 50);
    const before = await usage();
    await container.call('POST', '/v1/shutdown');
    expect(await container.ended()).toBe(0);
    const after = container.exit().usage;
    expect(after?.cpuSeconds).toBeGreaterThanOrEqual(before.cpuSeconds ?? 0);
    // The time is counted once: the daemon has only one processor and lives no longer than its container.
    expect(after?.cpuSeconds).toBeLessThan(2 * (after?.wallSeconds ?? 0));
  });

  it.each([
    ['is over', 'ignores TERM', (container: LocalContainer) => container.call('POST', '/v1/shutdown')],
    ['is stopped', 'obeys', (container: LocalContainer) => container.launched.terminate()],
    ['is killed', 'ignores TERM', (container: LocalContainer) => container.launched.kill()],
    ['has lost its agent', 'ignores TERM', killAgent],
  ])('does not outlive a task that %s (it %s)', async (_end, manner, end) => {
    const container = await start();
    const word = `wip-daemon-${randomUUID()}`;
    const trap = manner === 'obeys' ? '' : 'trap "" TERM HUP INT; ';
    const script = `${trap}: >"$0/there"; while :; do sleep 0.1; : ${word}; done`;
    await container.startProcess('build', { command: { shell: `${daemon(script)}; exec sleep 600` } });
    await eventually('the daemon', () => existsSync(container.home('there')));
    expect(running(word)).not.toEqual([]);
    await Promise.resolve(end(container));
    await container.ended();
    expect(running(word)).toEqual([]);
  });

  it('does not outlive its task though it forks, begins a session and ends, over and over', async () => {
    const container = await start();
    const word = `wip-hydra-${randomUUID()}`;
    // Each round is another process with its own session.
    const next = `: >there; setsid env -i /bin/sh ./hydra ${word} & exit`;
    const plant = `echo '${next}' >hydra`;
    await container.startProcess('build', { command: { shell: `${plant}; ${daemon('exec sh ./hydra')}; sleep 600` } });
    await eventually('the daemon', () => existsSync(container.home('there')));
    await container.call('POST', '/v1/shutdown');
    await container.ended();
    expect(running(word)).toEqual([]);
  });

  it('is cancelled with the process that has started it', async () => {
    const container = await start();
    const word = `wip-cancelled-${randomUUID()}`;
    const script = `: >"$0/there"; while :; do sleep 0.1; : ${word}; done`;
    await container.startProcess('build', { command: { shell: `${daemon(script)}; exec sleep 600` } });
    await eventually('the daemon', () => existsSync(container.home('there')));
    await container.call('POST', '/v1/processes/build/signal', { signal: 'TERM', graceSeconds: 1 });
    await eventually('its end', () => running(word).length === 0);
    const result = await eventually('the end of the build', async () => (await container.status('build')).result);
    expect(result.reason).toBe('cancelled');
  });
});

/** Kills the agent as the out-of-memory killer does, and spares the wrapper around it. */
function killAgent({ directory }: LocalContainer): void {
  const wrapper = Number(readFileSync(join(directory, 'container.pid'), 'utf8').split(' ')[0]);
  for (const pid of ownChildrenOf(wrapper)) process.kill(pid, 'SIGKILL');
}

describe('the subreaper', () => {
  it('says so where it cannot be executed', async () => {
    expect(await canBecomeSubreaper('/nowhere/subreaper')).toBe(false);
    expect(await canBecomeSubreaper('/dev/null')).toBe(false);
    expect(await canBecomeSubreaper('/bin/false')).toBe(false);
  });
});
