import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from '../../kit/programs/command-line.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
});
afterEach(() => cli.close());

describe('wipctl canary', () => {
  it('adds a canary and says where to find it', async () => {
    const { out, err, exitCode } = await cli.run('canary');
    expect({ out, err, exitCode }).toEqual({
      exitCode: 0,
      err: '',
      out: 'Task 1 was added. Follow it with "wipctl logs 1 -f", see it with "wipctl show 1".\n',
    });
    expect(cli.services.tasks.get(1)?.facts).toMatchObject({ kind: 'Canary', options: {} });
  });

  it('tells with --watch what the launch took, as far as it is known', async () => {
    const attempt = { number: 1, uuid: 'u', state: 'stopped', cluster: null, taskArn: null, address: null };
    const life = { createdAt: '2026-11-28T12:00:02.000Z', readyAt: '2026-11-28T12:00:09.500Z', endedAt: null };
    cli.services.onAdded = ({ facts }) =>
      cli.services.change(facts.id, {
        ...{ status: 'COMPLETE', exitStatus: 'COMPLETED', exitMessage: 'It works.' },
        ...{ createdAt: '2026-11-28T12:00:00.000Z', startedAt: '2026-11-28T12:00:01.200Z' },
        attempts: [
          {
            ...attempt,
            ...life,
            verdict: null,
            legacy: null,
            clusterReason: null,
            cause: null,
            fault: null,
            sentence: null,
            remedy: null,
            evidence: [],
            stopFailure: null,
            limits: null,
            usage: null,
          },
        ],
      });
    const { out, exitCode } = await cli.run('canary', '--watch');
    expect(exitCode).toBe(0);
    expect(out).toContain('Its launch took: queue 1.2 s.\n');
  });
});
