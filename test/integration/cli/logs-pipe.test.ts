import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { eventually } from '../../kit/eventually.ts';
import { CHECKOUT, COMPILE_CACHE, Program } from '../../kit/programs/program.ts';

const WIPCTL = join(CHECKOUT, 'controlplane/main.ts');
const PIECE = Buffer.alloc(256 * 1024, `${'x'.repeat(63)}\n`);
const PIECES = 256; // 64 MiB, as much as is kept of a stream
/** A program that used no processor time in so many polls waits for something. */
const IDLE_POLLS = 50;

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
  await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
});
afterEach(() => cli.close());

function writeMuch(): void {
  for (let piece = 0; piece < PIECES; piece += 1) cli.services.change(1, {}, { output: PIECE.toString() });
}

const environment = (): Record<string, string | undefined> => ({ ...cli.environment, ...COMPILE_CACHE });

describe('wipctl logs in a pipe', () => {
  it('is quiet when its reader has seen enough, and ends like other programs whose reader is gone', async () => {
    writeMuch();
    const script = `${process.execPath} --disable-warning=ExperimentalWarning ${WIPCTL} logs 1 | head -n 2; echo "\${PIPESTATUS[0]}"`;
    const { out, err } = await Program.startCommand('bash', ['-c', script], { environment: environment() }).ended;
    expect(err).toBe('');
    expect(out).toBe(`${'x'.repeat(63)}\n${'x'.repeat(63)}\n141\n`);
  });

  it('reads no further than its reader, and then everything', async () => {
    writeMuch();
    let reads = 0;
    const read = cli.services.readOutputPieces;
    cli.services.readOutputPieces = (...page) => {
      reads += 1;
      return read(...page);
    };
    const args = ['--disable-warning=ExperimentalWarning', WIPCTL, 'logs', '1'];
    const child = spawn(process.execPath, args, { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await eventually('a first page', () => reads > 0);
      let ticks = -1;
      let idlePolls = 0;
      const isIdle = (): boolean => {
        const before = ticks;
        ticks = processorTicks(child.pid ?? 0);
        idlePolls = ticks === before && child.stdout.readableLength > 0 ? idlePolls + 1 : 0;
        return idlePolls === IDLE_POLLS;
      };
      await eventually('a program that waits for its reader', isIdle);
      const readsBefore = reads;
      let bytes = 0;
      for await (const data of child.stdout) bytes += (data as Buffer).length;
      expect(bytes).toBe(PIECES * PIECE.length);
      expect(readsBefore).toBeLessThan(reads / 2);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('stops following at Ctrl-C, says that the task goes on, and exits with 130', async () => {
    cli.services.change(1, { status: 'PROCESSING', phase: 'running' }, { output: 'a line\n' });
    const program = Program.start(WIPCTL, ['logs', '1', '-f'], { environment: environment() });
    await program.says('a line');
    program.signalGroup('SIGINT');
    expect(await program.ended).toMatchObject({
      code: 130,
      out: 'a line\n',
      err: '\nStopped following; task 1 goes on unless it has ended.\n',
    });
  });

  it('has no colours of its own for somebody with NO_COLOR, and leaves those of the build', async () => {
    cli.services.change(1, {}, { step: 'start', log: 'ready', output: '\u001b[31mred\u001b[0m\n' });
    cli.terminal = { columns: 80 };
    cli.environment = { ...cli.environment, NO_COLOR: '1' };
    expect((await cli.run('logs', '1', '--states')).out).not.toContain('\u001b');
    expect((await cli.run('logs', '1')).out).toBe('\u001b[31mred\u001b[0m\n');
    expect((await cli.run('logs', '1', '--plain')).out).toBe('red\n');
  });
});

/** Returns the processor time of a process in ticks: fields 14 and 15 of /proc/PID/stat (proc(5)). */
function processorTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
