import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runLocalCommand } from '../../../agent/commands/run-local-command.ts';
import { systemClock } from '../../../shared/time/clock.ts';

it('baseline measures the image and not what others have on the disk of the machine that builds it', async () => {
  const place = mkdtempSync(join(tmpdir(), 'wip-baseline-'));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const imageRoot = join(place, 'image');
  mkdirSync(join(imageRoot, 'opt'), { recursive: true });
  writeFileSync(join(imageRoot, 'opt', 'tool'), Buffer.alloc(8_000_000, 'tool'));
  linkSync(join(imageRoot, 'opt', 'tool'), join(imageRoot, 'opt', 'the-same-tool'));
  execFileSync('truncate', ['-s', '1G', join(imageRoot, 'opt', 'hole')]);
  const config = join(place, 'config.ini');
  writeFileSync(config, '[disk]\ninitial_size = 1.73 ; GB\n');

  const said: string[] = [];
  const exitCode = await runLocalCommand(
    { kind: 'baseline', writeFile: config },
    {
      environment: {},
      imageRoot,
      monotonicMs: () => systemClock.monotonicMs(),
      write: (text) => void said.push(text),
      writeError: (text) => void said.push(text),
    },
  );
  expect([exitCode, ...said]).toEqual([0, '0.008 GB\n']);
  expect(readFileSync(config, 'utf8')).toBe('[disk]\ninitial_size = 0.008 ; GB\n');
});
