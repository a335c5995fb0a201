import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { shellQuote } from '../../shared/text/shell-quote.ts';
import { bareScript, type TrivialBuild } from './build-bare.ts';
import { ShellEntrypoint } from './shell-entrypoint.ts';

// The waits that are usual where a control plane asks instead of being told.
const START_DELAY_MS = 5_000;
const LOOP_MS = 10_000;
const POLL_MS = 30_000;
const BOUND_MS = 150_000;

/** What each build needs in its container before it starts: one command and one connection each. */
const PREPARATION = [
  'umask 077 && mkdir -p "$HOME_OF_BUILD/ssh"',
  'printf "#!/bin/sh\\nexec ssh \\"\\$@\\"\\n" >"$HOME_OF_BUILD/git-ssh" && chmod 700 "$HOME_OF_BUILD/git-ssh"',
  'umask 077 && : >"$HOME_OF_BUILD/environment"',
];

/**
 * Builds in a container with a shell entrypoint and sshd. The control plane looks at once and then after each wait, so
 * what is done by then costs no wait. Returns milliseconds.
 */
export async function timePolledBuild(build: TrivialBuild): Promise<number> {
  const startedMs = performance.now();
  const shell = await ShellEntrypoint.start();
  try {
    await delay(START_DELAY_MS);
    await pollUntil(async () => shell.said.includes('ready') && (await runOverSsh(shell, 'true')) === 0, LOOP_MS);
    const home = join(shell.place, 'build');
    const inHome = (command: string): string => `HOME_OF_BUILD=${shellQuote(home)}; ${command}`;
    for (const command of PREPARATION) await must(shell, inHome(command));
    const words = [bareScript(build), 'bash', build.repository, join(home, 'source')].map(shellQuote).join(' ');
    const end = shellQuote(join(home, 'end'));
    await must(shell, `(bash -c ${words}; echo $? >${end}) >/dev/null 2>&1 </dev/null &`);
    await pollUntil(async () => (await runOverSsh(shell, `test -s ${end}`)) === 0, POLL_MS);
    await must(shell, `grep -qx 0 ${end}`);
    await must(shell, `touch ${shellQuote(shell.shutdownFile)}`);
    await pollUntil(() => Promise.resolve(shell.said.includes('exit')), LOOP_MS);
    return performance.now() - startedMs;
  } finally {
    await shell.close();
  }
}

async function pollUntil(isDone: () => Promise<boolean>, everyMs: number): Promise<void> {
  const startedMs = performance.now();
  while (!(await isDone())) {
    if (performance.now() - startedMs > BOUND_MS) throw new Error('the polled build did not end');
    await delay(everyMs);
  }
}

async function must(shell: ShellEntrypoint, command: string): Promise<void> {
  const exitCode = await runOverSsh(shell, command);
  if (exitCode !== 0) throw new Error(`a command of the polled build ended with ${exitCode}: ${command}`);
}

async function runOverSsh({ place, port, clientKeys }: ShellEntrypoint, command: string): Promise<number | null> {
  const identity = join(place, 'identity');
  writeFileSync(identity, clientKeys.privateKey, { mode: 0o600 });
  const settings = [`IdentityFile=${identity}`, 'IdentitiesOnly=yes', 'BatchMode=yes', 'StrictHostKeyChecking=no'];
  const options = [...settings, 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'].flatMap((line) => ['-o', line]);
  const argv = ['-F', '/dev/null', '-p', String(port), ...options, 'root@127.0.0.1', command];
  const [exitCode] = (await once(spawn('ssh', argv, { stdio: 'ignore' }), 'exit')) as [number | null];
  return exitCode;
}
