import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  CLIENT_TOKEN_CERTAIN_MS,
  DESCRIBE_TASKS_ARNS,
  ECS_QUOTAS,
  FAMILY_CHARACTERS,
  FARGATE_QUOTAS,
  STARTED_BY_CHARACTERS,
} from '../../../controlplane/ecs/client/quotas.ts';
import { FARGATE_STOP_TIMEOUT_SECONDS } from '../../../controlplane/containers/rules/timeout-rules.ts';
import { createTokenBucket } from '../../../controlplane/ecs/client/token-bucket.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';

const Published = z.looseObject({
  buckets: z.array(
    z.looseObject({
      name: z.string(),
      burst: z.number(),
      perSecond: z.number(),
      actions: z.array(z.string()).optional(),
    }),
  ),
  limits: z.record(z.string(), z.number()),
});
const published = Published.parse(
  JSON.parse(readFileSync(new URL('../../fixtures/ecs-quotas.json', import.meta.url), 'utf8')),
);

/** Actions that the published table does not name. They are counted with what is like them. */
const UNPUBLISHED = new Set(['DeleteTaskDefinitions']);

describe('the quotas of ECS', () => {
  it.each([...ECS_QUOTAS, ...FARGATE_QUOTAS])('are as published: $name', (quota) => {
    const bucket = published.buckets.find((each) => each.name === quota.name);
    expect(bucket).toMatchObject({ burst: quota.burst, perSecond: quota.perSecond });
    const actions = quota.actions.filter((action) => !UNPUBLISHED.has(action));
    expect(actions).not.toEqual([]);
    expect(bucket?.actions).toEqual(expect.arrayContaining(actions));
  });

  it('hold for single calls too', () => {
    expect(published.limits).toMatchObject({
      describeTasksArns: DESCRIBE_TASKS_ARNS,
      startedByCharacters: STARTED_BY_CHARACTERS,
      familyCharacters: FAMILY_CHARACTERS,
      stopTimeoutFargateMaxSeconds: FARGATE_STOP_TIMEOUT_SECONDS,
    });
    // A client token outlives its task by at least this long, so a request may be repeated for a shorter time only.
    expect(CLIENT_TOKEN_CERTAIN_MS).toBeLessThan((published.limits['clientTokenAfterStopHours'] ?? 0) * 3_600_000);
  });
});

describe('a token bucket', () => {
  /** A clock that moves by its own sleeps only. */
  class StillClock extends HastyClock {
    #ms = 0;
    override monotonicMs(): number {
      return this.#ms;
    }
    override async sleep(ms: number): Promise<void> {
      this.sleptMs.push(ms);
      this.#ms += ms;
      await Promise.resolve();
    }
  }

  it('gives its burst at once and then so many a second', async () => {
    const clock = new StillClock();
    const bucket = createTokenBucket({ burst: 3, perSecond: 2, liveNodes: () => 1, clock });
    for (let taken = 0; taken < 3; taken += 1) await bucket.take();
    expect(bucket.waitedMs).toBe(0);
    for (let taken = 0; taken < 2; taken += 1) await bucket.take();
    expect(clock.sleptMs).toEqual([500, 500]);
    expect(bucket.waitedMs).toBe(1000);
  });

  it('shares the quota with the other nodes that live', async () => {
    const clock = new StillClock();
    const bucket = createTokenBucket({ burst: 4, perSecond: 2, liveNodes: () => 2, clock });
    for (let taken = 0; taken < 3; taken += 1) await bucket.take();
    expect(clock.sleptMs).toEqual([1000]);
  });

  it('serves those who wait one after the other, and sends away whom it would keep too long', async () => {
    const clock = new HastyClock();
    const waits: Promise<'taken' | 'full'>[] = [];
    const bucket = createTokenBucket({
      burst: 1,
      perSecond: 1,
      liveNodes: () => 1,
      clock: { ...clock, monotonicMs: () => 0, now: () => clock.now(), sleep: (ms) => clock.sleep(ms) },
    });
    for (let asked = 0; asked < 40; asked += 1) waits.push(bucket.take());
    const outcomes = await Promise.all(waits);
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(31);
    expect(clock.sleptMs).toEqual(Array.from({ length: 30 }, (_, index) => (index + 1) * 1000));
    expect(bucket.tokens).toBe(-30);
  });
});
