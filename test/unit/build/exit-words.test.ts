import { describe, expect, it } from 'vitest';
import { exitWords } from '../../../agent/build/step/exit-words.ts';

const MEMORY = 'the kernel ended a process because the memory of the container was used up';

describe('how a step ended, in words', () => {
  it.each([
    [3, null, false, 'exit code 3'],
    [143, null, false, 'exit code 143 (SIGTERM)'],
    [139, null, false, 'exit code 139 (SIGSEGV)'],
    [137, null, true, `exit code 137 (SIGKILL: ${MEMORY})`],
    [1, null, true, `exit code 1 (${MEMORY})`],
    [null, 'SIGKILL', true, `ended by SIGKILL (${MEMORY})`],
    [null, 'SIGTERM', false, 'ended by SIGTERM'],
    [128, null, false, 'exit code 128'],
    [255, null, false, 'exit code 255'],
  ] as const)('%j, signal %j, memory used up: %j: %s', (exitCode, signal, ranOutOfMemory, words) => {
    expect(exitWords({ exitCode, signal, ranOutOfMemory, fullDisk: null })).toBe(words);
  });

  it.each([
    [{ lacks: 'space' }, 'the disk of /work was full while it ran: 0 B were left'],
    [{ lacks: 'inodes', freeBytes: 5e6 }, 'the disk of /work was out of inodes while it ran: 5 MB were left'],
  ] as const)('a disk that was full is named: %j', (disk, words) => {
    const fullDisk = { path: '/work', freeBytes: 0, ...disk };
    expect(exitWords({ exitCode: 1, signal: null, ranOutOfMemory: false, fullDisk })).toBe(`exit code 1 (${words})`);
  });

  it('kill -9 without lack of memory is said to be that', () => {
    const words = exitWords({ exitCode: 137, signal: null, ranOutOfMemory: false, fullDisk: null });
    expect(words).toMatch(/^exit code 137 \(SIGKILL: it was killed; memory was not used up/);
  });

  it('exit code 141 is explained', () => {
    const words = exitWords({ exitCode: 141, signal: null, ranOutOfMemory: false, fullDisk: null });
    expect(words).toMatch(/^exit code 141 \(SIGPIPE: it wrote to a command that had stopped reading/);
  });
});
