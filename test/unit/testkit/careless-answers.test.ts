import { describe, expect, it } from 'vitest';
import { BASIC_OPTIONS, BasicWip, defineWip } from '../../../controlplane/tasks/write-tasks.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';

/** A kind whose transition method answers this, whatever it has declared. */
function answering(value: unknown) {
  class Asks extends BasicWip {
    override get kind(): string {
      return 'Asks';
    }
    override getStateTable(): string {
      return 'work:ask {\n good finish\n bad failure\n ! failure\n}\nfailure {\n * finish\n}\nterminate {\n * finish\n}\n';
    }
    work(): void {}
    ask(): unknown {
      return value;
    }
  }
  return defineWip({ kind: 'Asks', version: 1, options: BASIC_OPTIONS, create: (task) => new Asks(task) });
}

async function warningsAbout(value: unknown): Promise<readonly string[]> {
  const { logs } = await simulateTask(answering(value));
  return logs.filter(({ level }) => level === 'WARN').map(({ message }) => message);
}

describe('an answer of a transition method that leads nowhere', () => {
  it.each([
    ['goood', 'perhaps "good" is meant'],
    ['Good', 'perhaps "good" is meant'],
    ['', 'there are good, bad'],
    ['elsewhere', 'there are good, bad'],
  ])('is explained with the rows that there are: %o', async (value, hint) => {
    expect(await warningsAbout(value)).toEqual([
      `"ask" answered ${JSON.stringify(value)}, for which the state "work" has no row; ${hint}.`,
    ]);
  });

  it('is explained when it leads the way of an error without one', async () => {
    const run = await simulateTask(answering('!'));
    expect(run.explain()).toContain('"ask" answered "!" for the state "work"');
    expect(run.explain()).toContain('throw an error instead.');
  });

  it('needs no explanation when there is a row for it', async () => {
    expect(await warningsAbout('good')).toEqual([]);
  });
});
