import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { skipped } from '../../kit/agent/agent-suite.ts';
import { BuildPlace, stepOf } from '../../kit/builds/build-place.ts';
import { lacking } from '../../kit/lacking.ts';
import { CHECKOUT } from '../../kit/programs/program.ts';

/** Runs in its own PID namespace with tini as process 1, like a container. */
const AS_IN_A_CONTAINER = ['--pid', '--fork', '--mount-proc', 'tini', '-s', '--'];
const canUnshare = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;
const reason = canUnshare
  ? lacking('tini', existsSync('/usr/bin/tini'), 'tini')
  : 'needs a machine on which this user may make namespaces';

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

it.skipIf(reason)(
  `a daemon that gave up parent, session and environment is gone before the artefact is pushed${skipped(reason)}`,
  async () => {
    place.bareRepository('deploy.git');
    const list = 'for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline; echo; done';
    place.write({ 'deploy.git/hooks/pre-receive': `#!/bin/sh\n${list} > ${place.path('at-push')}\n` });
    chmodSync(place.path('deploy.git/hooks/pre-receive'), 0o755);
    const start = `(setsid env -i /bin/sh -c "sleep 600; : hostile-daemon" < /dev/null > /dev/null 2>&1 &)`;
    place.repository('source', {
      'acquia-pipelines.yaml': stepOf(start, 'sleep 0.2', `${list} > ${place.path('at-step')}`),
    });
    const common = ['--source-path', 'main', '--workspace', 'workspace'];
    expect(await place.build(['export', '--source-uri', 'source', ...common])).toMatchObject({ exitCode: 0 });
    const tool = [process.execPath, join(CHECKOUT, 'agent/main.ts'), 'build', 'run', ...common];
    execFileSync('unshare', [...AS_IN_A_CONTAINER, ...tool, '--deploy-uri', 'deploy.git'], {
      cwd: place.directory,
      env: { ...place.environment, WIP_PROCESS: 'a-mark-of-this-test' },
      stdio: 'pipe',
    });
    expect(readFileSync(place.path('at-step'), 'utf8')).toContain('hostile-daemon');
    expect(readFileSync(place.path('at-push'), 'utf8')).toContain('receive-pack');
    expect(readFileSync(place.path('at-push'), 'utf8')).not.toContain('hostile-daemon');
  },
);
