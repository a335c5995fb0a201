import { describe, expect, it } from 'vitest';
import { BASIC_OPTIONS, BasicWip, defineWip } from '../../../controlplane/tasks/write-tasks.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';

const TABLE = `start {\n  * next\n}\nnext {\n  * finish\n}\nfailure {\n  * finish\n  ! finish\n}\nterminate {\n  * failure\n}\n`;

/** Says how it ended, and fails afterwards. */
class Hasty extends BasicWip {
  override get kind(): string {
    return 'Hasty';
  }
  override getStateTable(): string {
    return TABLE;
  }
  override start(context: WipContext): void {
    context.exit('COMPLETED', 'All fine');
  }
  next(): void {
    throw new Error('no disk');
  }
}

const HASTY = defineWip({ kind: 'Hasty', version: 1, options: BASIC_OPTIONS, create: (task) => new Hasty(task) });

describe('an error that comes after a success', () => {
  it('is not hidden by it', async () => {
    const { exit, logs } = await simulateTask(HASTY);
    expect(exit).toMatchObject({ status: 'WARNING', message: 'All fine. Then its state "next" failed.' });
    expect(exit.detail).toContain('no disk');
    expect(logs.map(({ message }) => message).join('\n')).toContain('no disk');
  });
});
