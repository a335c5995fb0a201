import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { WIPCTL } from '../../kit/programs/dev-system.ts';
import { eventually } from '../../kit/eventually.ts';
import { findFreePort } from '../../kit/network/free-port.ts';

it('a node whose log is on a full disk answers, and ends when it is told to', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'wip-full-log-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const port = await findFreePort();
  const full = openSync('/dev/full', 'w');
  const node = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', resolve(WIPCTL), 'serve'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', full],
    env: {
      PATH: process.env['PATH'],
      WIP_MODE: 'development',
      WIP_PORT: String(port),
      WIP_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
      // Nobody listens there: the node logs that it waits, and answers meanwhile.
      WIP_DATABASE_URL: `postgres://wip@127.0.0.1:${await findFreePort()}/wip`,
    },
  });
  closeSync(full);
  onTestFinished(() => void node.kill('SIGKILL'));
  const ended = once(node, 'exit');
  const readiness = await eventually('an answer', () =>
    fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
      (answer) => answer.json(),
      () => null,
    ),
  );
  expect(readiness).toEqual({ ready: false, reasons: ['the database cannot be reached'] });
  node.kill('SIGTERM');
  const [code, signal] = (await ended) as [number | null, string | null];
  expect({ code, signal }).toEqual({ code: 0, signal: null });
});
