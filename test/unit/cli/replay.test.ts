import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUILD_STEPS } from '../../../controlplane/tasks/kinds.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';

const OPTIONS = { vcsPath: 'main', vcsUri: 'https://example.org/app.git' };

interface RecordedStep {
  from?: string | null;
  value: string | null;
  to: string;
}

let cli: CommandLine;
let recorded: { kind: string; options: object; exit: object | null; steps: RecordedStep[] };
beforeEach(async () => {
  cli = new CommandLine();
  cli.cwd = mkdtempSync(join(tmpdir(), 'wip-replay-'));
  const { steps, exit } = await simulateTask(BUILD_STEPS, { options: OPTIONS, container: { readyAfter: 'never' } });
  recorded = {
    kind: 'BuildSteps',
    options: { ...OPTIONS, deployPrivateKey: '[secure]' },
    exit: { status: exit.status, message: exit.message, cause: exit.cause ?? null },
    steps: steps.map(({ from, value, to, executed, atSeconds }, index) => ({
      ...{ number: index + 1, tookMs: 0, note: null, from, value, to, executed },
      at: new Date(atSeconds * 1000).toISOString(),
    })),
  };
});
afterEach(() => rmSync(cli.cwd, { recursive: true }));

function replay(given = 'BuildSteps'): ReturnType<CommandLine['run']> {
  writeFileSync(join(cli.cwd, '7.json'), JSON.stringify(recorded));
  return cli.run('table', 'simulate', given, '--from', '7.json');
}

describe('wipctl table simulate --from', () => {
  it('replays the recording of a task that failed, with the exit that its methods set', async () => {
    const { exitCode, out } = await replay();
    expect(out).toMatch(/^BuildSteps ended as ERROR_SYSTEM after 15 min/);
    expect(out).toContain('The class goes the way of the recording.');
    expect(exitCode).toBe(0);
  });

  it('names the first step that the class takes otherwise', async () => {
    recorded.steps[1]!.to = recorded.steps[2]!.from = 'deployPathIsTag';
    const { exitCode, out } = await replay();
    expect(out).toContain(
      "Step 2 of the recording is start => 'branch' => deployPathIsTag, and the class goes start => 'branch' => containerWipStart",
    );
    expect(exitCode).toBe(1);
  });

  it('refuses a table without a class, a recording of a task under way, and what is none', async () => {
    expect((await replay('my.table')).err).toContain('cannot be read');
    recorded.exit = null;
    expect((await replay()).err).toContain('The task has not ended yet');
    recorded.steps = [{ value: null, to: '' }];
    expect(await replay()).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('not the recording of a task') as string,
    });
  });
});
