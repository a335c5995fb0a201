import { expect, it } from 'vitest';
import { followTask } from '../../../controlplane/cli/client/follow-task.ts';
import type { WipClient } from '../../../controlplane/cli/client/wip-client.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { systemClock } from '../../../shared/time/clock.ts';

const STEP = { number: 1, from: null, value: null, to: 'start', executed: true, at: '2026-01-01T00:00:00Z', tookMs: 1 };

it('a server that is away for a minute ends no "wipctl logs -f": pauses are drawn, and ten short ones are no minute', async () => {
  let sleptMs = 0;
  let isFirst = true;
  const clock = { ...systemClock, sleep: async (ms: number) => void (sleptMs += ms) };
  const client: Pick<WipClient, 'openStream' | 'url'> = {
    url: 'http://127.0.0.1:8090',
    async *openStream() {
      if (isFirst) yield { id: '1-0-0', event: 'state', data: JSON.stringify({ ...STEP, note: null }) };
      isFirst = false;
      throw new OperationalError('CONTROL_PLANE_UNREACHABLE', { happened: 'It is away', remedy: 'Wait' });
    },
  };
  const kinds: string[] = [];
  const following = (async () => {
    for await (const { kind } of followTask(client as WipClient, 1, { clock, abort: new AbortController().signal }))
      kinds.push(kind);
  })();
  await expect(following).rejects.toMatchObject({ code: 'CONTROL_PLANE_UNREACHABLE' });
  expect(kinds).toEqual(['state', 'lost']);
  expect(sleptMs).toBeGreaterThanOrEqual(60_000);
  expect(sleptMs).toBeLessThan(70_001);
});
