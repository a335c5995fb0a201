import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A repository and the commands that build it. Each way of building does this work, and nothing else. */
export interface TrivialBuild {
  readonly repository: string;
  readonly script: string;
}

/** Returns the shell text that builds in a directory which does not exist yet. `$1` is the repository, `$2` the directory. */
export function bareScript({ script }: TrivialBuild): string {
  return `set -e\ngit clone --quiet --depth 1 --branch main "file://$1" "$2"\ncd "$2"\n${script}\n`;
}

/** Builds by one bash, as on a developer's machine. Returns milliseconds. */
export async function timeBareBuild(build: TrivialBuild, place: string): Promise<number> {
  const directory = mkdtempSync(join(place, 'bare-'));
  const startedMs = performance.now();
  const child = spawn('bash', ['-c', bareScript(build), 'bash', build.repository, join(directory, 'source')], {
    env: { PATH: process.env['PATH'], HOME: directory },
    stdio: 'ignore',
  });
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  const tookMs = performance.now() - startedMs;
  rmSync(directory, { recursive: true, force: true });
  if (exitCode !== 0) throw new Error(`the bare build ended with ${exitCode}`);
  return tookMs;
}
