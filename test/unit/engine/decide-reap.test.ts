import { parseStartedBy } from '../../../controlplane/containers/started-by.ts';
import { describe, expect, it } from 'vitest';
import { decideReap, isOwned, REAP_AFTER_MS } from '../../../controlplane/engine/sweep/decide-reap.ts';
import type { OwnedAttempt } from '../../../controlplane/store/attempts/find-attempt.ts';
import { TaskId } from '../../../shared/model/ids.ts';

const owner = (taskId: number, number: number, arn: string | null): OwnedAttempt => ({
  taskId: TaskId.parse(taskId),
  number,
  arn,
});
const task = (arn: string, taskId: number, number = 1) => ({ arn, startedBy: `wip/here/${taskId}/${number}` });

describe('what the reaper makes of a look', () => {
  it('stops what had no owner for a minute, however many rows of one cluster looked at it in between', () => {
    const running = [task('stray', 7)];
    let suspects: ReadonlyMap<string, number> = new Map();
    // The readings of three rows follow each other in each sweep. Only the minute counts.
    const due = [0, 1, 2, 30_000, REAP_AFTER_MS - 1, REAP_AFTER_MS].map((nowMs) => {
      const reaping = decideReap(suspects, { running, owned: [], nowMs }, 'here');
      suspects = reaping.suspects;
      return reaping.due.map(({ arn }) => arn);
    });
    expect(due).toEqual([[], [], [], [], [], ['stray']]);
  });

  it('never suspects an owned container, and forgets a suspicion when an owner is found', () => {
    const running = [task('a', 1), task('b', 2)];
    const owned = [owner(1, 1, 'a'), owner(2, 1, null)];
    const before = new Map([['a', 0]]);
    const reaping = decideReap(before, { running, owned, nowMs: 10 * REAP_AFTER_MS }, 'here');
    expect(reaping).toEqual({ suspects: new Map(), due: [] });
  });

  it('knows a second container of an attempt that has another one', () => {
    const attempt = { taskId: 1, number: 1 };
    expect(isOwned({ arn: 'second', attempt }, [owner(1, 1, 'first')])).toBe(false);
    expect(isOwned({ arn: 'first', attempt }, [owner(1, 1, 'first')])).toBe(true);
    expect(isOwned({ arn: 'first', attempt }, [owner(1, 2, null), owner(2, 1, null)])).toBe(false);
  });

  it.each([
    'wip/other/1/1',
    'deploy',
    '',
    'wip/here/',
    'wip/here/1',
    'wip/here/one/1',
    'wip/here/1/1/1',
    'wip/hereafter/1/1',
  ])('touches nothing that was started by "%s"', (startedBy) => {
    expect(parseStartedBy(startedBy, 'here')).toBeNull();
    const seen = { running: [{ arn: 'a', startedBy }], owned: [], nowMs: REAP_AFTER_MS };
    expect(decideReap(new Map([['a', 0]]), seen, 'here').due).toEqual([]);
  });
});
