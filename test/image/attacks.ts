import { expect, it } from 'vitest';
import type { ExitSignal } from '../../shared/protocol/signals.ts';
import type { AgentProcess } from '../kit/agent/agent-process.ts';

/** Starts a container of the image, told these variables, and waits until its agent is ready. */
export type StartContainer = (environment?: Record<string, string>) => Promise<AgentProcess>;

/** Programs that an agent might call by name. Each answers with its uid, and then does what the real one does. */
const NAMES = ['setpriv', 'sh', 'env', 'stat', 'fallocate', 'df', 'du', 'cat', 'mktemp', 'mv', 'git', 'ssh', 'perl'];
/** Longer than the pause between two measurements of the disk while a build writes. */
const SEVERAL_MEASUREMENTS_SECONDS = 4;

/**
 * What a build tries that has a shell of the workload user in a container. Each is a point of SECURITY.md; in a real
 * container, since capabilities, PID namespaces and the image's own accounts decide them.
 */
export function attackContainer(start: StartContainer): void {
  it('a build whose user has a supplementary group becomes root by PATH or by a variable of the dynamic linker', async () => {
    const agent = await start();
    const trap = [
      'mkdir -m 777 -p /tmp/trap/bin',
      `for name in ${NAMES.join(' ')}; do`,
      '  printf \'#!/bin/bash -p\\nPATH=/usr/bin:/bin; id -u >>/tmp/trap/uids; exec %s "$@"\\n\' "$name" >/tmp/trap/bin/$name',
      '  chmod 755 /tmp/trap/bin/$name',
      'done',
      'echo "id -u >>/tmp/trap/uids" >/tmp/trap/rc',
      'id -Gn',
    ].join('\n');
    expect(await outputOf(agent, 'prepare', trap)).toContain('video');
    // The linker writes a file for each program that it starts with these variables, which then has its owner's uid.
    const environment = {
      PATH: '/tmp/trap/bin:/usr/bin:/bin',
      BASH_ENV: '/tmp/trap/rc',
      ENV: '/tmp/trap/rc',
      LD_DEBUG: 'files',
      LD_DEBUG_OUTPUT: '/tmp/trap/linker',
    };
    const writes = `dd if=/dev/zero of=/tmp/file bs=1M count=30 status=none; sleep ${SEVERAL_MEASUREMENTS_SECONDS}; id -u`;
    await agent.startProcess('trapped', { command: { shell: writes }, environment });
    await agent.exited('trapped');
    const owners = 'find /tmp/trap -name "linker.*" -printf "%U\\n" | sort -u; echo; sort -u /tmp/trap/uids';
    expect(await outputOf(agent, 'count', owners)).toMatch(/^([1-9]\d*)\n\n\1\n$/);
    expect(await outputOf(agent, 'root', 'find /tmp/trap -user root; id -u')).not.toMatch(/^0$|trap/m);
  });

  it('a build reads nothing of the agent and cannot end it', async () => {
    const agent = await start();
    const attempts = [
      'agent=$(pgrep -f "^wip-agent" | head -n 1); test -n "$agent" || exit 99',
      ...['environ', 'mem', 'maps', 'fd/1', 'root/etc/shadow'].flatMap((file) => [
        `cat /proc/$agent/${file}`,
        `cat /proc/1/${file}`,
      ]),
      ...['TERM', 'KILL', 'STOP'].flatMap((signal) => [`kill -${signal} $agent`, `kill -${signal} 1`]),
      'ls /run/wip-agent',
      'find /var/lib/wip-agent -type f',
      'cat /etc/shadow',
      'echo "[disk]" >>/etc/buildcontainer/config.ini',
      'echo x >>/usr/local/bin/wip-agent',
      'perl -MIO::Socket::UNIX -e \'exit !IO::Socket::UNIX->new(Peer => "/run/wip-agent/agent.sock")\'',
      'renice -n -5 $$',
      'echo -900 >/proc/self/oom_score_adj',
    ];
    // Each in a shell of its own, and told when it succeeds.
    const script = attempts.slice(1).map((one, number) => `(${one}) >/dev/null 2>&1 && echo "succeeded: ${number}"`);
    expect(await outputOf(agent, 'attempts', `${attempts[0]}\n${script.join('\n')}\necho tried`)).toBe('tried\n');
    expect((await agent.json('GET', '/v1/health')).status).toBe(200);
  });

  it('a build finds no secret of the agent in its environment, and no open file of it', async () => {
    const agent = await start();
    const seen = await outputOf(agent, 'environment', 'env; ls /proc/self/fd | tr "\\n" " "; cat /proc/[0-9]*/cmdline');
    const told = agent.controlPlane.environment;
    for (const name of ['WIP_ENROL', 'SIGNAL_URL']) {
      expect(told[name], name).toBeTruthy();
      expect(seen).not.toContain(told[name]);
      expect(seen).not.toContain(`${name}=`);
    }
    // 3 is the directory that ls reads.
    expect(seen).toContain('\n0 1 2 3 ');
  });

  it('a link that a build makes leads neither a file written for its user nor a read of one out of its rights', async () => {
    const agent = await start();
    await outputOf(agent, 'links', 'mkdir -p ~/.ssh && ln -s /etc/buildcontainer ~/linked && ln -s /etc/shadow ~/read');
    const written = await agent.call('PUT', '/v1/files?path=linked/config.ini&mode=600', 'x');
    expect(written.status).toBeGreaterThanOrEqual(400);
    expect((await agent.call('GET', '/v1/files?path=read')).status).toBeGreaterThanOrEqual(400);
    expect(await outputOf(agent, 'config', 'cat /etc/buildcontainer/config.ini')).toContain('[disk]');
  });

  it('the disk limit sees a daemon that left its session, emptied its environment and deleted its file', async () => {
    const agent = await start({ WORKLOAD_MAX_DISK: '0.05' });
    const hide = 'open F, "+>", "/tmp/hidden"; unlink "/tmp/hidden"; print F "0" x 1e6 for 1..200; F->flush; sleep 600';
    const daemon = `(setsid env -i /usr/bin/perl -MIO::Handle -e '${hide}' </dev/null >/dev/null 2>&1 &)`;
    await agent.startProcess('build', { command: { shell: `${daemon}; sleep 600` } });
    expect(await agent.ended).toBe(70);
    const exit = agent.controlPlane.signals.find(({ kind }) => kind === 'exit')?.body as ExitSignal;
    expect(exit.cause).toBe('limit-disk');
    expect(exit.usage?.disk.peakBytes).toBeGreaterThan(50_000_000);
  });

  it('processor time and memory of a daemon that left its session and emptied its environment are counted', async () => {
    const agent = await start();
    const burn = '$x = "0" x 100_000_000; $end = time + 3; 1 while time < $end; sleep 600';
    const daemon = `(setsid env -i /usr/bin/perl -e '${burn}' </dev/null >/dev/null 2>&1 &)`;
    await outputOf(agent, 'build', `${daemon}; sleep ${SEVERAL_MEASUREMENTS_SECONDS}`);
    const { body } = await agent.json<{ usage: { cpuSeconds: number; memoryPeakBytes: number } }>('GET', '/v1/usage');
    expect(body.usage.cpuSeconds).toBeGreaterThan(1);
    expect(body.usage.memoryPeakBytes).toBeGreaterThan(90_000_000);
  });
}

/** What a command line wrote to stdout until its end. */
async function outputOf(agent: AgentProcess, key: string, shell: string): Promise<string> {
  await agent.startProcess(key, { command: { shell } });
  await agent.exited(key);
  return (await agent.output(key)).toString();
}
