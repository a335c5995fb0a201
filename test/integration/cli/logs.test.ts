import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { printStepHeader } from '../../../shared/protocol/step-header.ts';
import type { TaskViewFacts } from '../../../controlplane/api/tasks/task-views.ts';
import type { BuildStepView } from '../../../controlplane/api/tasks/build/build-views.ts';
import { TaskEvent } from '../../../controlplane/cli/client/watch-event.ts';
import type { WrittenPiece } from '../../../controlplane/cli/output/written-piece.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { createPieceWriter } from '../../kit/agent/written-pieces.ts';

let cli: CommandLine;
let piece: ReturnType<typeof createPieceWriter>;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
  piece = createPieceWriter();
  await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
});
afterEach(() => cli.close());

function store(...pieces: readonly WrittenPiece[]): void {
  cli.services.tasks.get(1)!.pieces.push(...pieces);
}

async function linesOf(command: string): Promise<string[]> {
  const { out } = await cli.run(...command.split(' '));
  return out.split('\n').filter((line) => line !== '');
}

const header = (number: number, name: string, event = 'build'): string =>
  printStepHeader({ event, number, of: 2, name });

/** Stores a build whose second step fails, and ends it. */
function endFailedBuild(facts: Partial<TaskViewFacts> = {}): void {
  const prepare = piece(`${header(1, 'prepare')}one\n`);
  const test = piece(`${header(2, 'test site')}two\n`);
  const oops = piece('oops\n', { stream: 'stderr' });
  const tell = piece(`${header(1, 'tell', 'fail-on-build')}told\n`);
  store(prepare, test, oops, tell);
  const stepOf = (event: string, number: number, name: string, { offset, at }: WrittenPiece): BuildStepView => ({
    ...{
      event,
      number,
      of: 2,
      name,
      line: 3,
      command: null,
      startedAt: at,
      endedAt: at,
      exitCode: 0,
      offset,
      outcome: 'done',
    },
  });
  const failed: BuildStepView = { ...stepOf('build', 2, 'test site', test), exitCode: 1, outcome: 'failed' };
  const { startedAt: _from, endedAt: _to, outcome: _outcome, ...failedStep } = failed;
  cli.services.change(1, {
    ...{ status: 'COMPLETE', exitStatus: 'ERROR_USER', exitMessage: 'It failed.' },
    steps: [stepOf('build', 1, 'prepare', prepare), failed, stepOf('fail-on-build', 1, 'tell', tell)],
    failedStep: { ...failedStep, sentence: null },
    ...facts,
  });
}

describe('wipctl logs', () => {
  it('prints both streams in the order in which they were written, and nothing else', async () => {
    store(piece('one\n'), piece('two\n', { stream: 'stderr' }), piece('three\n'));
    expect(await cli.run('logs', '1')).toEqual({ exitCode: 0, out: 'one\ntwo\nthree\n', err: '' });
    expect(await linesOf('logs 1 --stream stderr')).toEqual(['two']);
    expect(await linesOf('logs 1 --tail 2')).toEqual(['two', 'three']);
    expect(await linesOf('logs 1 --tail 1 --stream stdout')).toEqual(['three']);
    expect(await linesOf('logs 1 --since 2026-11-28T12:00:02Z')).toEqual(['two', 'three']);
    expect(await linesOf('logs 1 --since 2026-11-28T12:00:02Z --timestamps')).toEqual([
      '2026-11-28T12:00:02.000Z  two',
      '2026-11-28T12:00:03.000Z  three',
    ]);
  });

  it('says why there is nothing, and what is asked for in vain', async () => {
    expect(await cli.run('logs', '1')).toEqual({
      ...{ exitCode: 0, out: '' },
      err: 'Task 1 has written nothing yet: It has not started and waits for a worker.\n',
    });
    cli.services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' });
    expect((await cli.run('logs', '1')).err).toBe('Task 1 wrote nothing: It completed.\n');
    expect((await cli.run('logs', '1', '--tail', '3')).err).toBe('Task 1 has written nothing that matches.\n');
    expect((await cli.run('logs', '1', '--failed')).err).toBe('No step of task 1 failed: It completed.\n');
    expect(await cli.run('logs', '1', '--tail', 'x')).toMatchObject({ exitCode: 2, out: '' });
    expect(await cli.run('logs', '1', '--since', 'soon')).toMatchObject({ exitCode: 2, out: '' });
  });

  it('prints one step, by name or number, or the failed one', async () => {
    endFailedBuild();
    const test = ['=== build: step 2 of 2: test site', 'two', 'oops'];
    expect(await linesOf('logs 1 --failed')).toEqual(test);
    expect(await linesOf('logs 1 --step 2')).toEqual(test);
    expect(await linesOf('logs 1 --step build:2 --tail 1')).toEqual(['oops']);
    expect(await linesOf('logs 1 --step 1')).toEqual(['=== build: step 1 of 2: prepare', 'one']);
    expect(await linesOf('logs 1 --step fail-on-build:1')).toEqual(['=== fail-on-build: step 1 of 2: tell', 'told']);
    const byName = await cli.run('logs', '1', '--step', 'test site', '--stream', 'stderr');
    expect(byName.out).toBe('oops\n');
    expect(await cli.run('logs', '1', '--step', 'deploy')).toEqual({
      ...{ exitCode: 2, out: '' },
      err: 'wipctl: Task 1 has run no step "deploy". Its steps were build:1 prepare, build:2 test site, fail-on-build:1 tell. [USAGE]\n',
    });
  });

  it('takes the step of the last attempt, and prints all attempts where none is asked for', async () => {
    store(piece(`${header(2, 'test site')}before\n`, { attempt: 1, processId: 'first' }));
    const attempt = {
      uuid: 'u',
      state: 'stopped',
      cluster: null,
      verdict: null,
      legacy: null,
      clusterReason: null,
      taskArn: null,
      address: null,
    };
    const life = { createdAt: '2026-11-28T12:00:02.000Z', readyAt: null, endedAt: null, limits: null, usage: null };
    const end = { cause: null, fault: null, sentence: null, remedy: null, evidence: [], stopFailure: null };
    piece = createPieceWriter();
    const write = piece;
    piece = (text, facts) => {
      const made = write(text, { ...facts, attempt: 2 });
      return { ...made, id: made.id + 1 };
    };
    endFailedBuild({ attempts: [1, 2].map((number) => ({ ...attempt, ...life, ...end, number })) });
    expect(await linesOf('logs 1 --failed')).not.toContain('before');
    expect((await linesOf('logs 1')).slice(0, 4)).toEqual([
      ...['=== build: step 2 of 2: test site', 'before', '[wip: here begins attempt 2]'],
      '=== build: step 1 of 2: prepare',
    ]);
  });

  it('leaves colours out when it shall be plain', async () => {
    store(piece('\u001b[31mred\u001b[0m\r\n'));
    expect((await cli.run('logs', '1')).out).toBe('\u001b[31mred\u001b[0m\r\n');
    expect((await cli.run('logs', '1', '--plain')).out).toBe('red\n');
  });

  it('reads a log that fills many pages from its beginning and from its end', async () => {
    const lines = Array.from({ length: 50 }, (_, at) => `${at}`.padEnd(65_535, '.'));
    for (const line of lines) store(piece(`${line}\n`));
    const whole = await linesOf('logs 1');
    expect(whole.map((line) => parseInt(line, 10))).toEqual(lines.map((_, at) => at));
    expect((await linesOf('logs 1 --tail 45')).map((line) => parseInt(line, 10))).toEqual(
      lines.map((_, at) => at).slice(-45),
    );
  });
});

describe('wipctl logs -f', () => {
  it('goes on from the last lines to the end of the task, and prints nothing else in a pipe', async () => {
    store(piece('one\n'), piece('two\n'), piece('three\n'));
    const following = cli.run('logs', '1', '-f', '--tail', '2');
    await expect.poll(() => cli.out.text, { timeout: 60_000 }).toBe('two\nthree\n');
    store(piece('four\n'));
    cli.services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' });
    expect(await following).toEqual({ exitCode: 0, out: 'two\nthree\nfour\n', err: '' });
  });

  it('waits for a step that has not begun', async () => {
    const following = cli.run('logs', '1', '-f', '--step', 'test site');
    await expect.poll(() => cli.services.isWatched(1)).toBe(true);
    endFailedBuild();
    expect((await following).out).toBe(`${header(2, 'test site')}two\noops\n`);
  });

  it('ends with 130 at Ctrl-C and leaves the task alone', async () => {
    const following = cli.run('logs', '1', '-f');
    await expect.poll(() => cli.services.isWatched(1)).toBe(true);
    cli.interrupt.abort();
    expect(await following).toMatchObject({ exitCode: 130, err: expect.stringContaining('Stopped following; task 1') });
    expect(cli.services.tasks.get(1)?.facts.isTerminating).toBe(false);
  });

  it('--states follows what the task does instead', async () => {
    const following = cli.run('logs', '1', '-f', '--states');
    await expect.poll(() => cli.services.isWatched(1)).toBe(true);
    cli.services.change(1, { status: 'PROCESSING' }, { step: 'start', log: 'Starting', output: 'noise\n' });
    cli.services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' }, { step: 'finish' });
    const lines = (await following).out.replace(/^\S+ /gm, 'T ').split('\n');
    expect(lines.sort()).toEqual(['', 'T  Starting', 'T  success → finish', 'T  → start']);
  });

  it.each([
    ['--failed, which is known at the end', ['--failed']],
    ['--states of one stream of output', ['--states', '--step', '1']],
  ])('refuses %s', async (_what, options) => {
    expect(await cli.run('logs', '1', '-f', ...options)).toMatchObject({ exitCode: 2, out: '' });
  });
});

describe('wipctl logs on a terminal', () => {
  it('tells on one line what the task does, above which the output goes on', async () => {
    cli.terminal = { columns: 60 };
    const running: Partial<TaskViewFacts> = {
      status: 'WAITING',
      phase: 'running',
      startedAt: new Date().toISOString(),
    };
    cli.services.change(1, {
      ...running,
      step: { number: 2, of: 4, name: 'test', since: new Date(Date.now() - 31_000).toISOString() },
    });
    const following = cli.run('logs', '1', '-f');
    await expect.poll(() => cli.out.text, { timeout: 60_000 }).toContain('Task 1: running step 2 of 4 "test" for 3');
    cli.services.change(1, {}, { output: 'one\n' });
    await expect.poll(() => cli.out.text, { timeout: 60_000 }).toContain('\r\u001b[Kone\n');
    cli.services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED', phase: 'ended' });
    const { out } = await following;
    expect(out).toMatch(/(\r\u001b\[K|\n)\u001b\[32mTask 1 completed: It completed\.\u001b\[\d+m\n/);
  });
});

describe('wipctl logs --json', () => {
  it('prints an event on each line, of the schema TaskEvent', async () => {
    endFailedBuild();
    cli.services.change(1, {}, { step: 'start', log: 'Starting' });
    for (const [command, kinds] of [
      ['logs 1', ['output', 'output', 'output', 'output']],
      ['logs 1 --failed', ['output', 'output']],
      ['logs 1 --states', ['log', 'state']],
      ['logs 1 -f', ['output', 'output', 'output', 'output', 'end']],
      ['logs 1 -f --states', ['end', 'log', 'state']],
    ] as const) {
      const events = (await linesOf(`${command} --json`)).map((line) => TaskEvent.parse(JSON.parse(line)).kind);
      expect(events.sort(), command).toEqual([...kinds].sort());
    }
  });
});
