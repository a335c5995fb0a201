import { describe, it } from 'vitest';
import { interruptAt } from '../kit/interrupt-demo.ts';

const MOMENTS = ['→ exportBuildFileAsJson', '→ executeBuildScript', 'step 2 of 2'];

describe('Ctrl-C while the demo builds', { timeout: 120_000 }, () => {
  for (const moment of MOMENTS) {
    it(`leaves nothing when it comes at "${moment}", to the whole group as a terminal sends it`, () =>
      interruptAt(moment, (program) => program.signalGroup('SIGINT')));
  }

  it('leaves nothing when it comes twice at once, to the process alone', () =>
    interruptAt('step 2 of 2', (program) => {
      program.signal('SIGINT');
      program.signal('SIGINT');
    }));

  it('leaves nothing when it comes while the demo is already ending', () =>
    interruptAt('step 2 of 2', (program) => {
      program.signalGroup('SIGINT');
      setTimeout(() => program.signalGroup('SIGINT'), 300);
    }));
});
