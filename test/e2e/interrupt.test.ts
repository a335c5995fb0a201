import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEMO, interruptAt } from '../kit/interrupt-demo.ts';
import { useWorkplace } from '../kit/program.ts';

/** What a person has seen when they press Ctrl-C; the moments after these are in interrupt-late.test.ts. */
const MOMENTS: readonly (string | RegExp)[] = [
  /^Wip demo/,
  'Database, local ECS',
  '→ containerWipInvoke',
  '→ containerWipCheckSsh',
];

describe('Ctrl-C in the demo', { timeout: 120_000 }, () => {
  for (const moment of MOMENTS) {
    it(`leaves nothing when it comes at "${String(moment)}", to the whole group as a terminal sends it`, () =>
      interruptAt(moment, (program) => program.signalGroup('SIGINT')));
  }

  it('leaves nothing before the demo has begun', async () => {
    const place = useWorkplace();
    const program = place.start(DEMO, []);
    program.signalGroup('SIGINT');
    expect((await program.ended).code).toBe(130);
    await place.becomesQuiet();
    expect(readdirSync(place.directory)).toEqual([]);
  });
});
