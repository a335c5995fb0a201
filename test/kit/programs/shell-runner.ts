import { spawn } from 'node:child_process';
import type { CommandRequest, CommandRunner } from '../../../agent/ssh/command-runner.ts';

/** Runs commands with /bin/sh as the current user. Records the requests and ends remaining processes. */
export class ShellRunner {
  readonly requests: CommandRequest[] = [];
  readonly #pids = new Set<number>();

  readonly run: CommandRunner = (request) => {
    this.requests.push(request);
    const child = spawn('/bin/sh', ['-c', request.command], {
      env: { PATH: process.env['PATH'] ?? '', ...request.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) this.#pids.add(pid);
    const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.once('error', () => resolve({ code: 127, signal: null }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    return {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      kill: (signal) => void (pid !== undefined && killGroup(pid, signal)),
      exited,
    };
  };

  close(): void {
    for (const pid of this.#pids) killGroup(pid, 'SIGKILL');
  }
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the group is gone already.
  }
}
