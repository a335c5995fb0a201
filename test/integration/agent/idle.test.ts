import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecretPatterns } from '../../../agent/process/secrets/masker.ts';
import { currentAccount } from '../../../agent/process/users.ts';
import { Workload } from '../../../agent/process/workload.ts';
import { systemClock } from '../../../shared/time/clock.ts';

describe('a build', () => {
  let place: string;
  let workload: Workload;
  let ended: PromiseWithResolvers<void>;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'wip-idle-'));
    ended = Promise.withResolvers();
    workload = new Workload({
      outputDirectory: place,
      isRoot: process.getuid?.() === 0,
      secretPatterns: createSecretPatterns(),
      clock: systemClock,
      readOomKills: () => null,
      onOutput: () => undefined,
      unsentBytes: () => 0,
      onStarted: () => undefined,
      onEnd: () => ended.resolve(),
      accountOf: currentAccount,
      path: process.env['PATH'] ?? '/usr/bin:/bin',
      language: 'C.UTF-8',
      temporaryDirectory: null,
      isBuildRoot: true,
      buildEnvironment: {},
      newMark: randomUUID,
    });
  });
  afterEach(async () => {
    await workload.end(0, new AbortController().signal);
    rmSync(place, { recursive: true });
  });

  /** Measures the deleted files twice, as the walks do. Returns whether the workload is idle afterwards. */
  async function isIdleAfterTwoMeasurements(): Promise<boolean> {
    await workload.deletedFiles();
    expect(workload.idleness.isIdle).toBe(false);
    await workload.deletedFiles();
    return workload.idleness.isIdle;
  }

  it('whose command has ended is idle once two looks have found nobody, and no longer when another one starts', async () => {
    workload.start('short', { command: ['true'] });
    await ended.promise;
    expect(await isIdleAfterTwoMeasurements()).toBe(true);
    workload.start('long', { command: ['sleep', '60'], cwd: '/' });
    expect(workload.idleness.isIdle).toBe(false);
    expect(await isIdleAfterTwoMeasurements()).toBe(false);
  });

  it('is not idle while what a command left behind is there, nor with an SSH command', async () => {
    workload.start('daemon', { command: { shell: 'setsid sleep 60 & ' }, cwd: '/' });
    await ended.promise;
    expect(await isIdleAfterTwoMeasurements()).toBe(false);
    await workload.end(0, new AbortController().signal);
    expect(await isIdleAfterTwoMeasurements()).toBe(true);
    workload.adoptSession(process.pid, randomUUID());
    expect(workload.idleness.isIdle).toBe(false);
  });
});
