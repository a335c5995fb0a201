import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWipClient, type WipClient } from '../../controlplane/cli/client/wip-client.ts';
import type { Development } from '../../controlplane/cli/node/start-development.ts';
import { WIPCTL } from '../kit/programs/dev-system.ts';
import { eventually } from '../kit/eventually.ts';
import { Program, Workplace } from '../kit/programs/program.ts';
import { startSystem } from '../kit/builds/watched-build.ts';

const WAIT_MS = 180_000;

let place: Workplace;
let system: Development;
let client: WipClient;
beforeAll(async () => {
  place = new Workplace();
  system = await startSystem(place, { canary_seconds: 3_600 });
  client = createWipClient({ url: system.url, token: system.token.reveal() });
});
afterAll(async () => {
  await system.close();
  await place.becomesQuiet();
  await place.remove();
});

describe('a canary', () => {
  it('of the schedule launches a real container and proves it', async () => {
    const canary = await eventually(
      'the end of the scheduled canary',
      async () => (await client.listTasks({ status: 'COMPLETE' })).tasks.find(({ kind }) => kind === 'Canary'),
      WAIT_MS,
    );
    expect(canary).toMatchObject({ title: 'Canary (by schedule)', exitStatus: 'COMPLETED' });
    expect(canary.why).toBe('A container was launched, answered over SSH and was released.');
  });

  it('of a person is followed to its end, and tells what its launch took', async () => {
    const { code, out } = await Program.start(WIPCTL, ['canary', '--watch'], { cwd: place.directory }).ended;
    expect(out).toMatch(
      /Its launch took: queue \d+\.\d s, provision \d+\.\d s, .*enrol \d+\.\d s, ready \d+\.\d s, ssh \d+\.\d s\.\n$/,
    );
    expect(code).toBe(0);
  });
});
