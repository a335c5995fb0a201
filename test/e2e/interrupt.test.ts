import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEMO, interruptAt } from '../kit/programs/interrupt-demo.ts';
import { useWorkplace } from '../kit/programs/program.ts';

// Whole programs with their signals. Other moments of a build are in interrupt-moments.test.ts.
describe('Ctrl-C in the demo', () => {
  it('leaves nothing before the demo has begun', async () => {
    const place = useWorkplace();
    const program = place.start(DEMO, []);
    program.signalGroup('SIGINT');
    expect((await program.ended).code).toBe(130);
    await place.becomesQuiet();
    expect(readdirSync(place.directory)).toEqual([]);
  });

  // Costs a second: nothing has been started yet but the bundler, which no other moment has.
  it('leaves nothing while the agent is bundled, to the whole group as a terminal sends it', () =>
    interruptAt(/^Wip demo/, (program) => program.signalGroup('SIGINT')));

  it('leaves nothing while the container is launched, to the whole group as a terminal sends it', () =>
    interruptAt('→ containerWipInvoke', (program) => program.signalGroup('SIGINT')));

  it('leaves nothing when it comes twice at once in the middle of the build, and again while the demo ends', () =>
    interruptAt('step 2 of 2', (program) => {
      program.signal('SIGINT');
      program.signal('SIGINT');
      setTimeout(() => program.signalGroup('SIGINT'), 300);
    }));
});
