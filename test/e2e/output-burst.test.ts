import { describe, expect, it } from 'vitest';
import { buildFile, makeRepository } from '../kit/builds/git-place.ts';
import { useDevSystem } from '../kit/programs/use-dev-system.ts';

const LINES = 2_000_000;
const EVERY_LINE = Array.from({ length: LINES }, (_, at) => `${at + 1}\n`).join('');

const system = useDevSystem();

/** From the first line of the burst to its last. */
function burstIn(text: string): string {
  const begin = text.indexOf('\n1\n2\n3\n') + 1;
  return text.slice(begin, text.indexOf(`\n${LINES}\n`, begin) + `\n${LINES}\n`.length);
}

/** Without the lines that a watch prints between pieces of output, which may cut a line of it in two. */
function digitsOf(watched: string): string {
  const written = watched.split('\n').filter((line) => /^\d+$/.test(line));
  return written.join('');
}

describe('seq 1 2000000, which writes 14.9 MB at once', () => {
  it('is in wipctl run --watch and wipctl logs with all lines, in order', async () => {
    const source = makeRepository(system.place.path('burst'), {
      'acquia-pipelines.yaml': buildFile(`seq 1 ${LINES}`, 'echo "the end" > /dev/stderr'),
    });
    const watched = await system.dev.wipctl('run', source, '--watch');
    expect(watched.code, watched.err).toBe(0);
    const id = /^Task (\d+) was added/m.exec(watched.out)?.[1] ?? '';
    const stdout = await system.dev.wipctl('logs', id, '--stream', 'stdout');
    // Compared as conditions: of a difference nobody wants to see 30 MB.
    expect(burstIn(stdout.out) === EVERY_LINE).toBe(true);
    expect(digitsOf(watched.out) === EVERY_LINE.replaceAll('\n', '')).toBe(true);
    expect(stdout.err).toBe('');
    expect((await system.dev.wipctl('logs', id, '--stream', 'stderr')).out).toBe('the end\n');
    expect((await system.dev.client.findTask(Number(id))).usage?.outputOmittedBytes).toBe(0);
    expect((await system.dev.wipctl('show', id)).out).not.toContain('missing');
  });
});
