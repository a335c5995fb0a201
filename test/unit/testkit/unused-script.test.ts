import { describe, expect, it } from 'vitest';
import { BASIC_OPTIONS, BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';
import type { TaskScript } from '../../testkit/script.ts';
import { simulateScript } from '../../testkit/simulate-task.ts';
import { RESTORE_CHECK } from './restore-check.ts';

const options = { dump: 'monday.sql.gz' };

async function unusedOf(script: TaskScript): Promise<string[]> {
  const run = await simulateScript(RESTORE_CHECK, { options, ...script });
  const [, unused] = run.explain().split('Not used of the script:\n');
  return unused === undefined ? [] : unused.split('\n').map((line) => line.trim());
}

describe('the explanation of a run says what its script says in vain', () => {
  it.each<[string, TaskScript, string]>([
    [
      'a second container',
      { containers: [{}, { diesAfter: 4 }] },
      'containers.1: no container of this number was launched',
    ],
    [
      'a container that ends too late',
      { container: { spotAfter: '1 h' } },
      'container.spotAfter: the container ended otherwise before',
    ],
    [
      'an end of one of them',
      { containers: [{ diesAfter: '1 h' }] },
      'containers.0.diesAfter: the container ended otherwise before',
    ],
    [
      'an end at a state that is not entered',
      { container: { end: { at: 'restoreFailed', cause: 'crash' } } },
      'container.end: the container ended otherwise before',
    ],
    [
      'a container for none',
      { containers: [{}], container: { diesAfter: 1 } },
      'container: no container that it is for was launched',
    ],
    [
      'a process of a state that starts none',
      { processes: { report: { exitCode: 1 } } },
      'processes.report: none of this name was started',
    ],
    ['a second start', { processes: { restore: [{}, { exitCode: 7 }] } }, 'processes.restore.1: it was started once'],
    [
      'further starts',
      { processes: { restore: [{}, {}, { exitCode: 7 }] } },
      'processes.restore.1 and further: it was started once',
    ],
    [
      'a signal of another container',
      { signals: [{ signal: 'ready', attempt: 7, lost: true }] },
      'signals.0: no ready signal that it is about was sent',
    ],
    [
      'a call that is not made',
      { interactions: [{ call: 'startProcess', skip: 50, fails: 'timeout' }] },
      'interactions.0: no startProcess that it is about was made',
    ],
    [
      'a takeover where nobody was',
      { takeovers: [{ at: 'restoreFailed' }] },
      'takeovers.0: the task was not in restoreFailed at that moment',
    ],
    ['a termination after the end', { terminate: { after: '2 h' } }, 'terminate: the task ended before that time'],
    [
      'a pause in a state that is not entered',
      { pause: { at: 'restoreFailed' } },
      'pause: the task did not enter restoreFailed',
    ],
  ])('%s', async (_what, script, sentence) => {
    expect(await unusedOf(script)).toEqual([sentence]);
  });

  it('and nothing when all of it happened', async () => {
    const script: TaskScript = {
      containers: [{ spotAfter: '40 s' }, {}],
      processes: { restore: [{ runsFor: '1 m' }, { runsFor: '2 m' }] },
      signals: [{ signal: 'processComplete', process: 'restore', late: 1 }],
      interactions: [{ call: 'health', fails: 'refused' }],
      takeovers: [{ at: 'restore' }],
      pause: { at: 'restore', lasts: 5 },
      deliveries: { report: {} },
    };
    expect(await unusedOf(script)).toEqual([]);
    expect(await unusedOf({ takeovers: 'everywhere' })).toEqual([]);
  });

  it('for children and requests that the task did not come to', async () => {
    class Quiet extends BasicWip {
      override get kind(): string {
        return 'Quiet';
      }
      override start(_context: WipContext): void {}
    }
    const quiet = defineWip({
      kind: 'Quiet',
      version: 1,
      options: BASIC_OPTIONS,
      create: (task) => new Quiet(task),
    });
    const run = await simulateScript(quiet, { children: { kid: {} }, deliveries: { report: {} } });
    expect(run.explain()).toContain(
      '  children.kid: none of this name was added\n  deliveries.report: no request of this name was given',
    );
  });

  it('but is short where a program said something of everything', async () => {
    const processes = Object.fromEntries(
      ['report', 'restoreFailed', 'again', 'failure', 'terminate', 'containerWipStop'].map((state) => [state, {}]),
    );
    const signals = Array.from({ length: 20 }, () => ({ signal: 'ready' as const, attempt: 9 }));
    const lines = await unusedOf({ processes, signals });
    expect(lines).toHaveLength(13);
    expect(lines.at(-1)).toBe('and 14 more');
  });
});

it('a signal of a process that there is not is a mistake', async () => {
  const script: TaskScript = { options, signals: [{ signal: 'processComplete', process: 'restor', lost: true }] };
  await expect(simulateScript(RESTORE_CHECK, script)).rejects.toThrow(
    'signals.process: there is no process "restor". Started were restore.',
  );
});
