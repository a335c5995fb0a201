import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildPlace, stepOf, type BuildOutcome } from '../../kit/builds/build-place.ts';

const GIT = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

/** Exports through a git that first runs these lines of sh. */
function exportWith(lines: string, ...more: string[]): Promise<BuildOutcome> {
  place.write({ 'bin/git': `#!/bin/sh\n${lines}\nexec ${GIT} "$@"\n` });
  chmodSync(place.path('bin', 'git'), 0o755);
  const environment = { PATH: `${place.path('bin')}:${place.environment.PATH}` };
  const argv = ['export', '--source-uri', place.path('source'), '--workspace', 'workspace', '--source-path', ...more];
  return place.build(argv, { environment });
}

/** Writes a word for each command to the source. */
function count(): string {
  return `case " $* " in *" ls-remote "*) echo asked ;; *" fetch "*) echo fetched ;; esac >>${place.path('commands')}`;
}

/** The commands to the source; their order is not certain. */
function commands(): string[] {
  return readFileSync(place.path('commands'), 'utf8').split('\n').filter(Boolean).sort();
}

describe('the fetch that begins before the source has said what it has', () => {
  it.each(['branch', 'commit'])('is the only one for a %s', async (what) => {
    const commit = place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
    const outcome = await exportWith(count(), 'main', ...(what === 'commit' ? ['--source-commit', commit] : []));
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(commands()).toEqual(['asked', 'fetched']);
    expect(place.git('workspace', 'rev-parse', 'HEAD')).toBe(commit);
  });

  it('leaves the branch of origin, which steps compare with', async () => {
    const commit = place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
    await exportWith('', 'main');
    expect(place.git('workspace', 'rev-parse', 'origin/main')).toBe(commit);
  });

  it('is repeated for a tag', async () => {
    const commit = place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
    place.git('source', 'tag', '-a', 'v1', '-m', 'one');
    place.commit('source', { a: '1' });
    const outcome = await exportWith(count(), 'v1');
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(outcome.stdout)).toMatchObject({ commit });
    expect(commands()).toEqual(['asked', 'fetched', 'fetched']);
  });

  it('has ended when the source has no such branch', async () => {
    place.repository('source', { a: '1' });
    const stuck = `case " $* " in *" fetch "*) echo "$$" >${place.path('pid')}; exec sleep 600 ;; esac
      case " $* " in *" ls-remote "*) until [ -s ${place.path('pid')} ]; do sleep 0.01; done ;; esac`;
    const outcome = await exportWith(stuck, 'missing');
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toContain('has no branch or tag "missing"');
    expect(existsSync(`/proc/${readFileSync(place.path('pid'), 'utf8').trim()}`)).toBe(false);
  });

  it('may fail as it likes: the next one is the one that counts', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
    const once = `case " $* " in *" fetch "*) mkdir ${place.path('failed')} 2>/dev/null && {
      echo "fatal: unable to access 'x': Could not resolve host: x" >&2; exit 128; } ;; esac`;
    expect(await exportWith(once, 'main')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(existsSync(place.path('failed'))).toBe(true);
  });
});
