import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoContainer } from '../kit/agent/agent-container.ts';
import { skipped } from '../kit/agent/agent-suite.ts';
import { findBrokenPromises } from '../netns/broken-promises.ts';
import { NetHost, whyNoNetHosts } from '../netns/net-host.ts';
import { NetnsSystem } from '../netns/netns-system.ts';
import { BRIEF_CASES } from '../netns/network-case.ts';
import { runCase, type CaseOutcome } from '../netns/run-case.ts';

const skipReason = whyNoNetHosts() ?? whyNoContainer();

describe.skipIf(skipReason)(`a build on a host of its own${skipped(skipReason)}`, () => {
  let system: NetnsSystem | undefined;
  /** All at once: each waits most of the time, and has a link of its own. */
  let outcomes: ReadonlyMap<string, Promise<CaseOutcome>> = new Map();
  beforeAll(async () => {
    const started = await NetnsSystem.start(BRIEF_CASES);
    system = started;
    // As long as it takes both sides to notice. `npm run netns` has longer ones.
    outcomes = new Map(BRIEF_CASES.map((one) => [one.name, runCase(started, one, 0)]));
    // A case that fails is told by its own test.
    await Promise.allSettled(outcomes.values());
  }, 600_000);
  afterAll(() => system?.close());

  it.each(BRIEF_CASES)(
    'loses nothing and does nothing twice, and says why it waits: $fault, $during, $mode',
    async (one) => {
      const outcome = await outcomes.get(one.name);
      if (!outcome) throw new Error('the case was not run');
      expect(findBrokenPromises(one, outcome)).toEqual([]);
    },
  );
});

describe.skipIf(skipReason)(`a host for tests${skipped(skipReason)}`, () => {
  it('is refused as soon as something could leave it', async () => {
    const host = await NetHost.start();
    try {
      host.requireNoWayOut();
      host.ip('link add eth0 type veth peer name eth1');
      host.ip('address add 198.18.0.1/30 dev eth0');
      host.ip('link set eth0 up');
      host.requireNoWayOut();
      host.ip('route add default via 198.18.0.2');
      expect(() => host.requireNoWayOut()).toThrow(/default route/);
    } finally {
      await host.close();
    }
  });
});
