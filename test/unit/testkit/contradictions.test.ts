import { describe, expect, it } from 'vitest';
import { parseAgentContainer } from '../../testkit/agent/agent-script.ts';
import type { ProcessScript } from '../../testkit/process-script.ts';
import type { TaskScript } from '../../testkit/script.ts';
import { simulateMany } from '../../testkit/simulate-many.ts';
import { simulateScript, simulateTask } from '../../testkit/simulate-task.ts';
import { checkAgentScript } from '../../testkit/system/task-scripts.ts';
import { TestkitError } from '../../testkit/testkit-error.ts';
import { RESTORE_CHECK } from './restore-check.ts';

const options = { dump: 'x' };

async function refusal(script: TaskScript): Promise<string> {
  const error: unknown = await simulateScript(RESTORE_CHECK, { options, ...script }).then(
    ({ exit }) => new Error(`it was taken, and ended as ${exit.status}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TestkitError);
  return (error as Error).message;
}

const process = (script: object): TaskScript => ({ processes: { restore: script as ProcessScript } });

const CONTRADICTIONS: readonly [string, TaskScript, string][] = [
  ...Object.entries({ exitCode: 0, killedBy: 'SIGKILL', outOfMemory: true }).map(
    ([field, value]): [string, TaskScript, string] => [
      `runs forever with ${field}`,
      process({ runsFor: 'forever', [field]: value }),
      `processes.restore.${field}: is ${JSON.stringify(value)}, and runsFor is "forever": it runs until its container ends, and has no end of its own; leave ${field} out, or give another runsFor`,
    ],
  ),
  ...Object.entries({ stdout: 'x', stderr: 'x', floods: 1, runsFor: 1, silentAfter: 1 }).map(
    ([field, value]): [string, TaskScript, string] => [
      `cannot start with ${field}`,
      process({ cannotStart: true, [field]: value }),
      `processes.restore.${field}: is ${JSON.stringify(value)}, and cannotStart is true: what is never started does not run, prints nothing and writes nothing; leave one of the two out`,
    ],
  ),
  [
    'is silent for a time that never begins',
    { processes: { restore: [{}, { silentFor: '5 s' }] } },
    'processes.restore.1.silentFor: is 5, and silentAfter is not given: nothing says when the silence begins; give silentAfter, or leave silentFor out',
  ],
  [
    'ends in two ways',
    process({ exitCode: 1, killedBy: 'SIGKILL' }),
    'processes.restore.killedBy: is "SIGKILL", and exitCode is 1: a process ends in one way; give only one of exitCode, killedBy',
  ],
  ...['SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGWINCH', 'SIGNONE'].map(
    (signal): [string, TaskScript, string] => [
      `is killed by ${signal}`,
      process({ killedBy: signal }),
      `processes.restore.killedBy: must be the name of a signal that ends a process, such as SIGKILL, and is "${signal}"`,
    ],
  ),
  [
    'loses a signal that it doubles',
    { signals: [{ signal: 'exit', lost: true, doubled: true }] },
    'signals.0.doubled: is true, and lost is true: a signal that is lost never arrives; leave one of the two out',
  ],
  [
    'loses a signal that is late',
    { signals: [{ signal: 'exit', lost: true, late: '3 s' }] },
    'signals.0.late: is 3, and lost is true: a signal that is lost never arrives; leave one of the two out',
  ],
  [
    'has a signal of a container that is one of a process',
    { signals: [{ signal: 'ready', process: 'restore', doubled: true }] },
    'signals.0.process: is "restore", and signal is "ready": only processComplete is the signal of a process; leave process out, or give another signal',
  ],
  ...Object.entries({ exitStatus: 'COMPLETED', exitMessage: 'x', cause: 'x' }).map(
    ([field, value]): [string, TaskScript, string] => [
      `has a child that never ends, with ${field}`,
      { children: { scan: { endsAfter: 'never', [field]: value } } },
      `children.scan.${field}: is "${value}", and endsAfter is "never": a child that never ends has no end; leave ${field} out, or give another endsAfter`,
    ],
  ),
  [
    'ends its container after a time, before a method',
    { container: { end: { after: '3 s', when: 'before-method', cause: 'crash' } } },
    'container.end.when: is "before-method", and after is 3: only a state has a method, and so a moment before and after it; leave when out, or give "at" (a state) in place of after',
  ],
  [
    'ends its container after a time and at a state',
    { container: { end: { after: '3 s', at: 'restore', cause: 'crash' } } },
    'container.end: at is "restore", and after is 3: give either "at" (a state) or "after" (a duration)',
  ],
  [
    'has last words of a container that dies silently',
    { containers: [{ end: { after: 1, cause: 'host-lost', exitLog: 'bye' } }] },
    'containers.0.end.exitLog: is "bye", and cause is "host-lost": such an end comes without last words; leave exitLog out, or give another cause',
  ],
  [
    'repeats a launch that is not tried again',
    { container: { launch: 'no-resources', launchTries: 3 } },
    'container.launchTries: is 3, and launch is "no-resources": only unavailable, throttled, denied are tried again; leave launchTries out, or give another launch',
  ],
  [
    'says ready twice, and never',
    { container: { readyAfter: 'never', readyTimes: 2 } },
    'container.readyTimes: is 2, and readyAfter is "never": a container that is never ready says so never; leave readyTimes out, or give another readyAfter',
  ],
  [
    'gives the body of no answer',
    { deliveries: { report: { answers: ['no-answer'], body: 'x' } } },
    'deliveries.report.body: is "x", and answers is a list: all of them are "no-answer", and have no body; leave body out, or give another answers',
  ],
  ['waits less than nothing', process({ runsFor: -3 }), 'processes.restore.runsFor: -3 is no duration: write seconds'],
  ['waits for NaN', { pause: { after: Number.NaN } }, 'pause.after: NaN is no duration: write seconds'],
];

describe('a script that contradicts itself', () => {
  it.each(CONTRADICTIONS)('%s is refused with both values and what to do', async (_what, script, problem) => {
    expect(await refusal(script)).toContain(`The script is not valid: ${problem}`);
  });

  it('is refused for a whole system in the same words', () => {
    expect(() => checkAgentScript({ processes: { restore: { silentFor: 1 } } })).toThrow(/silentAfter is not given/);
    expect(() => checkAgentScript({ signals: [{ signal: 'exit', lost: true, doubled: true }] })).toThrow(
      /lost is true/,
    );
    expect(() => parseAgentContainer({ readyAfter: 'never', readyTimes: 2 })).toThrow(TestkitError);
  });

  it('has no parts for a whole system that happen to real parts of it, and is told what does', () => {
    expect(() => checkAgentScript({ children: {}, terminate: { after: 3 } } as never)).toThrow(
      'The script of the agents is not valid: children is for simulateTask only; with real parts children run their class, ' +
        'with the script of the task that added them; terminate is for simulateTask only; with real parts use client.act(id, "terminate")',
    );
  });

  it('is not made of a base and what a model draws', async () => {
    const model = { processFails: 1, processSilent: 1 };
    for (const restore of [{ cannotStart: true }, { runsFor: 'forever' }] as const) {
      const script = { options, processes: { restore } };
      expect((await simulateMany(RESTORE_CHECK, { script, runs: 10, model })).runs).toBe(10);
    }
    const script = { options, container: { readyTimes: 2 } };
    expect((await simulateMany(RESTORE_CHECK, { script, runs: 10, model: { neverReady: 1 } })).runs).toBe(10);
  });

  it('may say that an end without last words has none', async () => {
    const end = { at: 'restore', cause: 'crash', stdout: '' } as const;
    expect((await simulateTask(RESTORE_CHECK, { options, container: { end } })).exit.status).toBe('ERROR_SYSTEM');
  });
});

describe('a script that is no plain data', () => {
  class Container {
    readonly readyAfter = 3;
  }
  const trapped = new Proxy(
    {},
    {
      ownKeys() {
        throw new Error('a trap');
      },
    },
  );
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();

  it.each<[string, object, string]>([
    ['a Proxy', { processes: { restore: trapped } }, 'processes.restore: cannot be read (a trap); give plain objects'],
    ['a Proxy that was revoked', { container: revoked }, 'container: cannot be read ('],
    [
      'a getter that throws',
      {
        container: {
          get readyAfter() {
            throw new Error('no licence');
          },
        },
      },
      'container.readyAfter: cannot be read (no licence); give plain objects',
    ],
    [
      'an object of a class',
      { container: new Container() },
      'container: is an object of the class Container; give a plain object of fields',
    ],
  ])('but %s is refused with its path', async (_what, script, problem) => {
    expect(await refusal(script)).toContain(`The script is not valid: ${problem}`);
  });

  it('but a Proxy that does nothing is a script, and is given back as data', async () => {
    const script = new Proxy({ options, processes: { restore: new Proxy({ exitCode: 1 }, {}) } }, {});
    const run = await simulateScript(RESTORE_CHECK, script);
    expect(run.toScript()).toEqual({ options, processes: { restore: { exitCode: 1 } } });
  });
});
