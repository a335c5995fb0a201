import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchSpot } from '../../../agent/monitor/spot-notice.ts';
import { eventually } from '../../kit/eventually.ts';
import { FakeMetadata } from '../../kit/ecs/fake-metadata.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';

const NOTICE = '/meta-data/spot/instance-action';

let metadata: FakeMetadata;
let clock: HastyClock;
let stop: AbortController;
let takenBackAt: Date[];
beforeEach(async () => {
  metadata = await FakeMetadata.start();
  clock = new HastyClock();
  stop = new AbortController();
  takenBackAt = [];
});
afterEach(async () => {
  stop.abort();
  await metadata.close();
});

function watch(endpoint = metadata.endpoint): Promise<void> {
  const onTakenBack = (): void => void takenBackAt.push(clock.now());
  return watchSpot({ endpoint, stopBudgetSeconds: 50, onTakenBack, clock }, stop.signal);
}

const checks = (): number => metadata.asked.filter((path) => path === NOTICE).length;

describe('the watch for Spot notices', () => {
  it('looks every five seconds, and says so once when only the stop budget is left', async () => {
    const watching = watch();
    await eventually('some looks', () => checks() > 3);
    expect(new Set(clock.sleptMs)).toEqual(new Set([5_000]));
    const end = new Date(clock.now().getTime() + 3_600_000);
    metadata.takeBack(end);
    await watching;
    expect(takenBackAt).toHaveLength(1);
    const leftSeconds = (end.getTime() - takenBackAt[0]!.getTime()) / 1_000;
    expect(leftSeconds).toBeGreaterThan(50);
    expect(leftSeconds).toBeLessThanOrEqual(61); // the notice says whole seconds
  });

  it('asks a machine that is no Spot instance once', async () => {
    metadata.lifeCycle = 'on-demand';
    await watch();
    expect(metadata.asked).toEqual(['/api/token', '/meta-data/instance-life-cycle']);
    expect(takenBackAt).toEqual([]);
  });

  it('gets another token when its own has run out', async () => {
    const watching = watch();
    await eventually('a look', () => checks() > 0);
    metadata.expireToken();
    metadata.takeBack(clock.now());
    await watching;
    expect(metadata.asked.filter((path) => path === '/api/token')).toHaveLength(2);
    expect(takenBackAt).toHaveLength(1);
  });

  it('asks once a minute where nobody answers, and goes on when somebody does', async () => {
    const { endpoint } = metadata;
    await metadata.close();
    const watching = watch(endpoint);
    await eventually('some tries', () => clock.sleptMs.length > 2);
    expect(new Set(clock.sleptMs)).toEqual(new Set([60_000]));
    metadata = await FakeMetadata.start(Number(new URL(endpoint).port));
    metadata.takeBack(clock.now());
    await watching;
    expect(takenBackAt).toHaveLength(1);
  });

  it.each(['<html>', '{"action":"terminate"}', '{"action":"terminate","time":"soon"}'])(
    'takes no notice of an answer that is none: %s',
    async (answer) => {
      metadata.notice = answer;
      const watching = watch();
      await eventually('some looks', () => checks() > 3);
      stop.abort();
      await watching;
      expect(takenBackAt).toEqual([]);
    },
  );
});
