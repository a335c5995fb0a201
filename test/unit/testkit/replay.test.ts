import { describe, expect, it } from 'vitest';
import { BASIC_OPTIONS, BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipClass } from '../../../controlplane/tasks/wip-class.ts';
import { BUILD_STEPS, defineWip } from '../../../controlplane/tasks/kinds.ts';
import { SIMULATED_EXPORT } from '../../testkit/agent/simulated-build.ts';
import { scriptFromTranscript } from '../../testkit/script-from-transcript.ts';
import { simulateMany } from '../../testkit/simulate-many.ts';
import { simulateScript, simulateTask } from '../../testkit/simulate-task.ts';
import type { SimulatedRun } from '../../testkit/simulated-run.ts';
import '../../testkit/vitest.ts';
import { TestkitError } from '../../testkit/testkit-error.ts';
import { RESTORE_CHECK } from './restore-check.ts';

const options = { dump: 'monday' };
type Steps = readonly { readonly from: string | null; readonly at: string }[];

/** Returns what `wipctl transcript TASK --json` would print of a run. */
function transcriptOf({ steps, exit }: SimulatedRun): unknown {
  return JSON.parse(
    JSON.stringify({
      exit: { status: exit.status, message: exit.message, cause: exit.cause ?? null },
      steps: steps.map(({ from, value, to, executed, atSeconds, note }, index) => ({
        ...{ number: index + 1, from, value, to, executed, tookMs: 0, note },
        at: new Date(Date.UTC(2026, 0, 1) + atSeconds * 1000).toISOString(),
      })),
    }),
  );
}

const replay = (wip: WipClass, run: SimulatedRun, more: object = { options }): Promise<SimulatedRun> =>
  simulateScript(wip, { ...scriptFromTranscript(transcriptOf(run)), ...more });

describe('the replay of a recording', () => {
  it.each([
    ['completed', {}],
    ['failed by what the user gave it', { processes: { restore: { exitCode: 1 } } }],
    ['lost its containers', { container: { diesAfter: 30 }, processes: { restore: { runsFor: '1 m' } } }],
    ['was terminated', { terminate: { at: 'restore' }, processes: { restore: { runsFor: '1 m' } } }],
    ['ended by an error of its start', { container: { readyAfter: 'never' } }],
    ['was taken over', { takeovers: 'everywhere' }],
  ] as const)('of a task that %s goes the same way and ends the same', async (_how, script) => {
    const run = await simulateTask(RESTORE_CHECK, { options, ...script });
    const again = await replay(RESTORE_CHECK, run);
    expect(again.exit.status).toBe(run.exit.status);
    expect(again.steps.map(({ to }) => to)).toEqual(run.steps.map(({ to }) => to));
  });

  it('has the exit that methods set: a task that failed replays as failed', async () => {
    class Broken extends BasicWip {
      override get kind(): string {
        return 'Broken';
      }
      override start(): void {
        throw new Error('no disk');
      }
    }
    const broken = defineWip({
      kind: 'Broken',
      version: 1,
      options: BASIC_OPTIONS,
      create: (task) => new Broken(task),
    });
    const run = await simulateTask(broken);
    expect(run).toEndWith('ERROR_SYSTEM', 'no disk');
    expect(await replay(broken, run, {})).toEndWith('ERROR_SYSTEM', 'no disk');
  });

  it('of any simulated build goes the same way', async () => {
    const given = { options: { vcsPath: 'main', vcsUri: 'https://example.org/app.git' } };
    const processes = {
      ensureBuildUser: { stdout: '/home/build' },
      exportBuildFileAsJson: { stdout: JSON.stringify(SIMULATED_EXPORT) },
    };
    const runs: SimulatedRun[] = [];
    await simulateMany(BUILD_STEPS, {
      script: { ...given, processes },
      runs: 100,
      seed: 5,
      holds: (run) => void runs.push(run),
    });
    const ways = new Set<string>();
    for (const run of runs) {
      const { exit: _exit, ...path } = transcriptOf(run) as { exit: unknown };
      await simulateScript(BUILD_STEPS, { ...scriptFromTranscript(path), ...given });
      ways.add(run.exit.cause ?? run.exit.status);
    }
    expect(ways.size).toBeGreaterThan(4);
  });

  it('of a failed build ends as it did, though nothing is known of what its processes wrote', async () => {
    const given = { options: { vcsPath: 'main', vcsUri: 'https://example.org/app.git' } };
    const run = await simulateTask(BUILD_STEPS, {
      ...given,
      processes: {
        ensureBuildUser: { stdout: '/home/build' },
        exportBuildFileAsJson: { stdout: JSON.stringify(SIMULATED_EXPORT) },
        executeBuildScript: { exitCode: 1 },
      },
    });
    expect(run.exit).toMatchObject({ status: 'ERROR_USER', cause: 'build-failed' });
    const { status, message, cause } = (await replay(BUILD_STEPS, run, given)).exit;
    expect({ status, message, cause }).toEqual({ status, message: run.exit.message, cause: 'build-failed' });
    expect(status).toBe('ERROR_USER');
  });

  it('of a task that was restarted is that of its last run', async () => {
    const first = await simulateTask(RESTORE_CHECK, { options, processes: { restore: { exitCode: 1 } } });
    const second = await simulateTask(RESTORE_CHECK, { options });
    const both = { ...second, steps: [...first.steps, ...second.steps] };
    const again = await replay(RESTORE_CHECK, both);
    expect(again.exit.status).toBe('COMPLETED');
    expect(again.steps.map(({ to }) => to)).toEqual(second.steps.map(({ to }) => to));
  });

  it('of a task that was terminated before its start runs nothing of it', async () => {
    const script = scriptFromTranscript({
      exit: { status: 'TERMINATED', message: 'The request to terminate has been processed.', cause: 'terminated' },
      steps: [{ from: null, value: null, to: 'terminate', executed: true, at: '2026-01-01T00:00:00.000Z' }],
    });
    const again = await simulateScript(RESTORE_CHECK, { ...script, options });
    expect(again).toEndWith('TERMINATED');
    expect(again.steps.map(({ to }) => to)).toEqual(['terminate']);
  });

  it('names the first difference of a class that has changed', async () => {
    class Changed extends (RESTORE_CHECK.create({ uuid: '', options: { ...options, ...DEFAULTS } })
      .constructor as typeof BasicWip) {
      override getStateTable(): string {
        return super.getStateTable().replace('success         report', 'success         containerWipStop');
      }
    }
    const changed = { ...RESTORE_CHECK, create: (task: never) => new Changed(task) } as unknown as WipClass;
    const run = await simulateTask(RESTORE_CHECK, { options });
    await expect(replay(changed, run)).rejects.toThrow(
      /Step \d+ of the recording is restore => 'success' => report, and the class goes restore => 'success' => containerWipStop\./,
    );
  });

  it('tells an end that is another one now', async () => {
    const run = await simulateTask(RESTORE_CHECK, { options });
    const script = scriptFromTranscript(
      transcriptOf({ ...run, steps: run.steps, exit: { status: 'WARNING', message: 'hm' } }),
    );
    await expect(simulateTask(RESTORE_CHECK, { ...script, options })).rejects.toThrow(
      'The recording ended as WARNING (hm), and the class ends as COMPLETED',
    );
  });

  const step = { from: null, value: null, to: 'restore', executed: true, at: '2026-01-01T00:00:00.000Z' };
  it.each([
    ['something else', { logs: [] }, 'This is not the recording of a task'],
    ['text that nobody has parsed', '{"steps":[]}', 'write JSON.parse(…) around its text'],
    ['several recordings', [{ steps: [step] }], 'must be an object, and is a list'],
    ['no steps', { steps: [] }, 'steps: there must be at least one step'],
    ['a time that is none', { steps: [{ ...step, at: 'monday' }] }, 'steps.0.at: must be an instant such as'],
    ['a state without a name', { steps: [{ ...step, to: '' }] }, 'steps.0.to: '],
    [
      'a status that there is not',
      { steps: [step], exit: { status: 'DONE', message: null } },
      'exit.status: must be one of',
    ],
  ])('refuses %s, and says what is wrong with it', (_what, json, why) => {
    expect(() => scriptFromTranscript(json)).toThrow(TestkitError);
    expect(() => scriptFromTranscript(json)).toThrow(why);
  });

  it.each([
    [
      'whose end is missing',
      (steps: Steps) => steps.slice(0, 9),
      /The recording ends after step 9, and the class goes on with restore => /,
    ],
    ['whose beginning is missing', (steps: Steps) => steps.slice(3), /Step 1 of the recording is containerWipInvoke/],
    [
      'with one step too many',
      (steps: Steps) => [...steps, ...steps.slice(-1)],
      /: is "containerWipWaitForRelease", and step 17 led to "finish": steps are missing before step 18, or were changed;/,
    ],
    ['whose middle is missing', (steps: Steps) => steps.toSpliced(5, 2), /: steps are missing before step 6, or were/],
    [
      'of two runs',
      (steps: Steps) => [...steps, ...steps],
      null, // what follows the last start is replayed
    ],
    [
      'with a state that there is not',
      (steps: Steps) => steps.with(5, { ...steps[5]!, from: '__proto__' }),
      /replay\.steps\.5\.from: is "__proto__", and step 5 led to "\w+": steps are missing before step 6/,
    ],
    [
      'with times of another millennium',
      (steps: Steps) => steps.map((one, index) => ({ ...one, at: `${1000 + index * 100}-01-01T00:00:00Z` })),
      null,
    ],
  ])('of a recording that was edited, %s, says where it differs', async (_how, edit, why) => {
    const json = transcriptOf(await simulateTask(RESTORE_CHECK, { options })) as { steps: Steps };
    const again = simulateScript(RESTORE_CHECK, {
      ...scriptFromTranscript({ ...json, steps: edit(json.steps) }),
      options,
    });
    if (why === null) expect(await again).toEndWith('COMPLETED');
    else await expect(again).rejects.toThrow(why);
  });

  it('of the steps of two runs, given as they are, is refused', async () => {
    const { steps } = scriptFromTranscript(transcriptOf(await simulateTask(RESTORE_CHECK, { options }))).replay!;
    const both = { options, replay: { steps: [...steps, ...steps] } };
    await expect(simulateScript(RESTORE_CHECK, both)).rejects.toThrow('another run begins; give the steps of one run');
  });

  it('ends what it says of a difference with one full stop', async () => {
    const processes = { restore: { exitCode: 1, stderr: 'no dump.' } };
    const script = scriptFromTranscript(transcriptOf(await simulateTask(RESTORE_CHECK, { options, processes })));
    const exit = { status: 'WARNING', message: 'It is old.' } as const;
    const other = { ...script, options, processes, replay: { ...script.replay!, exit } };
    await expect(simulateScript(RESTORE_CHECK, other)).rejects.toThrow(
      'and the class ends as ERROR_USER: The dump cannot be restored: no dump.\n\n',
    );
  });

  it('of the recording of another kind says which', async () => {
    const run = await simulateTask(RESTORE_CHECK, { options });
    const script = scriptFromTranscript({ ...(transcriptOf(run) as object), kind: 'RestoreCheck' });
    const given = { vcsPath: 'main', vcsUri: 'https://example.org/app.git' };
    await expect(simulateScript(BUILD_STEPS, { ...script, options: given })).rejects.toThrow(
      'the recording is of a task of the kind RestoreCheck, and this class is BuildSteps',
    );
  });
});

const DEFAULTS = { release_on_exit: true, terminate_on_exit: false, waitForStop: true };
