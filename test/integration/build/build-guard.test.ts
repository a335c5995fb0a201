import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BuildPlace } from '../../kit/builds/build-place.ts';

const AGENT = join(import.meta.dirname, '../../../agent/main.ts');
const STARTUP_FILE = '/root/.bashrc';

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

it.skipIf(process.getuid?.() !== 0 || !existsSync(STARTUP_FILE))(
  'a build reads nothing of what its user has for terminals',
  () => {
    place.repository('site', {
      'acquia-pipelines.yaml':
        'version: 1.0.0\nevents: {build: {steps: [{one: {script: ["echo built", "if true; then echo so; fi"]}}]}}\n',
      bashrc: `touch ${place.path('was-read')}; exec sleep 20\n`,
    });
    // In a mount namespace of its own, so that nobody else sees the other file.
    const script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
    const build = [process.execPath, AGENT, 'build', 'local', place.path('site')];
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['--mount', 'sh', '-c', script, 'sh', place.path('site', 'bashrc'), STARTUP_FILE, ...build],
      { encoding: 'utf8', timeout: 60_000, env: { PATH: process.env['PATH'] } },
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\nbuilt\n[^]*\nso\n/);
    expect(existsSync(place.path('was-read'))).toBe(false);
  },
);
