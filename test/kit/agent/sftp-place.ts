import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentProcess } from './agent-process.ts';

export interface SftpOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The stock clients before one agent, with their own key and known host. */
export class SftpPlace {
  readonly directory = mkdtempSync(join(tmpdir(), 'wip-sftp-'));
  readonly port: number;
  readonly privateKey: string;

  private constructor(port: number, privateKey: string, hostKey: string) {
    this.port = port;
    this.privateKey = privateKey;
    writeFileSync(join(this.directory, 'identity'), privateKey, { mode: 0o600 });
    writeFileSync(join(this.directory, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
  }

  static async of(agent: AgentProcess): Promise<SftpPlace> {
    const { ports } = await agent.ready();
    const hostKey = agent.controlPlane.enrolments[0]?.hostKey ?? '';
    return new SftpPlace(ports?.['22'] ?? 0, agent.controlPlane.clientKeys.privateKey, hostKey);
  }

  /** Runs the lines as a batch. */
  sftp(lines: readonly string[]): Promise<SftpOutcome> {
    const batch = join(this.directory, 'batch');
    writeFileSync(batch, `${lines.join('\n')}\n`);
    return run('/usr/bin/sftp', [...this.#flags(), '-b', batch, 'root@127.0.0.1']);
  }

  scp(sources: readonly string[], target: string): Promise<SftpOutcome> {
    return run('/usr/bin/scp', [...this.#flags(), ...sources, `root@127.0.0.1:${target}`]);
  }

  scpBack(source: string, target: string): Promise<SftpOutcome> {
    return run('/usr/bin/scp', [...this.#flags(), `root@127.0.0.1:${source}`, target]);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  #flags(): string[] {
    const settings = [
      `IdentityFile=${this.directory}/identity`,
      'IdentityAgent=none',
      `UserKnownHostsFile=${this.directory}/known_hosts`,
      'BatchMode=yes',
    ];
    return ['-F', '/dev/null', ...settings.flatMap((setting) => ['-o', setting]), '-P', String(this.port)];
  }
}

function run(program: string, argv: readonly string[]): Promise<SftpOutcome> {
  return new Promise((resolve) => {
    execFile(program, argv, { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
  });
}
