import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecretPatterns } from '../../../agent/process/secrets/masker.ts';
import { ProcessOutput } from '../../../agent/process/output/process-output.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { eventually } from '../../kit/eventually.ts';

const MEBIBYTE = 1024 * 1024;
const SECRET = 'hunter2-correct-horse-battery-staple-0123456789';

interface Piece {
  readonly stream: StreamName;
  readonly offset: number;
  readonly text: string;
}

describe('output of a process, in two files', () => {
  let directory: string;
  let pieces: Piece[];
  let output: ProcessOutput;
  let isFinished: boolean;
  const file = (stream: StreamName): string => join(directory, stream);
  const textOf = (name?: StreamName): string =>
    pieces.flatMap(({ stream, text }) => (name === undefined || stream === name ? [text] : [])).join('');

  /** `stdout` and `stderr` are there before the agent reads. */
  function open(stdout: Buffer | string = '', stderr: Buffer | string = ''): void {
    mkdirSync(directory);
    writeFileSync(file('stdout'), stdout);
    writeFileSync(file('stderr'), stderr);
    const secretPatterns = createSecretPatterns();
    secretPatterns.add([SECRET]);
    output = new ProcessOutput({
      directory,
      secretPatterns,
      clock: systemClock,
      onOutput: (stream, offset, data) => void pieces.push({ stream, offset, text: data.toString('latin1') }),
    });
  }

  function finish(): void {
    isFinished = true;
    output.finish(undefined);
  }

  async function run(script: string): Promise<string> {
    open();
    const [stdout, stderr] = [openSync(file('stdout'), 'a'), openSync(file('stderr'), 'a')];
    const child = spawn('bash', ['-c', script], { stdio: ['ignore', stdout, stderr] });
    child.once('exit', finish);
    await once(child, 'exit');
    for (const fd of [stdout, stderr]) closeSync(fd);
    return textOf();
  }

  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'wip-output-')), 'process');
    pieces = [];
    isFinished = false;
  });
  afterEach(() => {
    if (!isFinished) output.finish(undefined);
    rmSync(join(directory, '..'), { recursive: true });
  });

  it('comes in program order where each line is a write of its own, however late the agent reads', async () => {
    open();
    const lines = Array.from({ length: 1_000 }, (_, at) => [`out ${at + 1}\n`, `err ${at + 1}\n`]).flat();
    // The agent is this process: it reads nothing before all is written.
    lines.forEach((line, at) => appendFileSync(file(at % 2 === 0 ? 'stdout' : 'stderr'), line));
    await eventually('all lines', () => textOf().length === lines.join('').length);
    expect(textOf()).toBe(lines.join(''));
  });

  it('is complete, and each stream in its order, when a program alternates as fast as it can', async () => {
    await run('for i in $(seq 1 1000); do echo out $i; echo err $i >&2; done');
    const numbered = (word: string): string => Array.from({ length: 1_000 }, (_, at) => `${word} ${at + 1}\n`).join('');
    expect(textOf('stdout')).toBe(numbered('out'));
    expect(textOf('stderr')).toBe(numbered('err'));
  });

  it('of one stream in the middle of the other is in its place, with half lines', async () => {
    const script = 'printf "a: "; sleep 0.3; echo warning >&2; sleep 0.3; echo ok; echo last >&2';
    expect(await run(script)).toBe('a: warning\nok\nlast\n');
  });

  it('of a stream that writes much is complete, and what the other one says is behind what came before it', async () => {
    const text = await run('seq 1 300000; sleep 0.5; echo middle >&2; sleep 0.5; seq 300001 300100');
    const numbers = Array.from({ length: 300_100 }, (_, at) => `${at + 1}\n`).join('');
    expect(textOf('stdout')).toBe(numbers);
    expect(text.indexOf('300000\nmiddle\n300001')).toBeGreaterThan(0);
  });

  it('of stderr comes after the burst on stdout that was written before it', async () => {
    open(Buffer.alloc(15 * MEBIBYTE, 'x'), 'the end');
    await eventually('both streams', () => pieces.at(-1)?.stream === 'stderr');
    finish();
    expect(pieces.filter(({ stream }) => stream === 'stdout')).toHaveLength((15 * MEBIBYTE) / (256 * 1024));
    expect(textOf('stderr')).toBe('the end');
  });

  it('is read while the process goes on, also when its watch rests', async () => {
    open();
    for (let count = 1; count <= 200; count += 1) {
      appendFileSync(file('stdout'), `line ${count}\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('all lines', () => textOf().endsWith('line 200\n'));
  });

  it('that the process empties goes on from its beginning, and no secret is told by its first part', async () => {
    open(`before ${SECRET.slice(0, 40)}`);
    await eventually('the first part', () => textOf() === 'before ');
    truncateSync(file('stdout'));
    await eventually('the cut', () => textOf() === `before ${'*'.repeat(40)}`);
    appendFileSync(file('stdout'), 'after');
    finish();
    expect(textOf()).toBe(`before ${'*'.repeat(40)}after`);
    expect(output.stream('stdout').readAt(47, 100).data.toString()).toBe('after');
  });
});
