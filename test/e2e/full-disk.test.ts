import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWipClient } from '../../controlplane/cli/client/wip-client.ts';
import { WIPCTL } from '../kit/programs/dev-system.ts';
import { eventually } from '../kit/eventually.ts';
import { buildFile, makeRepository } from '../kit/builds/git-place.ts';
import { Program } from '../kit/programs/program.ts';
import { fillDisk, makeDisk, mayMount } from '../kit/agent/small-disk.ts';

// The database's 64 MB, a build, and the room that the write-ahead log takes for itself.
const DISK_MB = 160;

interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

describe('wipctl dev on a disk that becomes full', () => {
  it.skipIf(!mayMount)(
    'says so once and in /readyz, and a SIGTERM ends all of it at once (needs root that may mount)',
    async () => {
      const disk = makeDisk(DISK_MB);
      const data = join(disk, 'data');
      const program = Program.start(WIPCTL, ['dev', '--port', '0', '--data', data], { cwd: disk });
      onTestFinished(async () => void (await program.close()));
      await program.says('Ctrl-C ends it.');
      const url = /Wip runs at (\S+),/.exec(program.all)?.[1] ?? '';
      const client = createWipClient({ url, token: readFileSync(join(data, 'token'), 'utf8') });
      const source = makeRepository(join(disk, 'site'), { 'acquia-pipelines.yaml': buildFile('sleep 600') });
      const options = { sourceVcsUri: source, vcsPath: 'main' };
      const { id } = await client.addTask({ kind: 'BuildSteps', options });
      await eventually('the build', async () => (await client.findTask(id)).state?.startsWith('execute'), 60_000);
      expect(await readinessOf(url)).toEqual({ ready: true, reasons: [] });

      fillDisk(disk);
      const { ready, reasons } = await readinessOf(url);
      expect(ready).toBe(false);
      expect(reasons.join('; ')).toMatch(/the disk of \S*data is full: \d\.\d MB are free/);
      // What needs a new block finds none, and whoever sent it is told that it was not his fault.
      const long = { ...options, environmentVariables: { LONG: randomBytes(60_000).toString('base64') } };
      const refused = await eventually('a refusal', () =>
        refusalOf(() => client.addTask({ kind: 'BuildSteps', options: long })),
      );
      expect(refused).toMatchObject({ status: 503, code: 'DATABASE_UNAVAILABLE' });
      await eventually('the trouble in the log', () => program.all.includes('tasks wait until'));

      program.signal('SIGTERM');
      const { code, err } = await program.ended;
      // 69 when what was left to write found no room, 0 when the end of the build had given some back.
      expect([0, 69]).toContain(code);
      expect(processesBelow(disk)).toEqual([]);
      // One line for a full disk, one when that has made the database end; and at the end what could not be done.
      expect(err.split('\n').filter((line) => line.includes('tasks wait until')).length).toBeLessThanOrEqual(2);
      expect(err.match(/It ended, but not all of it in order/g)?.length ?? 0).toBeLessThanOrEqual(1);
    },
  );
});

async function refusalOf(call: () => Promise<unknown>): Promise<unknown> {
  return call().then(
    () => null,
    (error: unknown) => error,
  );
}

async function readinessOf(url: string): Promise<Readiness> {
  return (await (await fetch(`${url}/readyz`)).json()) as Readiness;
}

/** Command lines and environments that name the place: the database, the agents and what they started. */
function processesBelow(place: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['cmdline', 'environ'].some((file) => readProc(pid, file).includes(place)));
}

/** Empty for a process that has ended meanwhile. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
