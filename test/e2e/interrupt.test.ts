import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useWorkplace, type Program, type Workplace } from '../kit/program.ts';

const DEMO = 'config/demo.ts';

/** What a person has seen when they press Ctrl-C. */
const MOMENTS: readonly (string | RegExp)[] = [
  /^Wip demo/,
  'Database, local ECS',
  '→ containerWipInvoke',
  '→ containerWipCheckSsh',
  '→ exportBuildFileAsJson',
  '→ executeBuildScript',
  'step 2 of 2',
];

/** The agents' socket directories are outside of the workplace: a path there must be short (agent/config.ts). */
function watchSockets(place: Workplace): { left: () => string[]; stop: () => void } {
  const seen = new Set<string>();
  const look = (): void => {
    for (const path of findContainers(place)) {
      seen.add(`/tmp/wip-${createHash('sha256').update(path).digest('hex').slice(0, 8)}`);
    }
  };
  // Looking takes tens of milliseconds: a database has a thousand files.
  const timer = setInterval(look, 500);
  return { left: () => [...seen].filter((path) => existsSync(path)), stop: () => clearInterval(timer) };
}

function findContainers(place: Workplace): string[] {
  try {
    return readdirSync(place.directory, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('/container.log'))
      .map((path) => dirname(place.path(path)));
  } catch {
    return []; // It is being removed this very moment.
  }
}

async function interruptAt(moment: string | RegExp, interrupt: (program: Program) => void): Promise<void> {
  const place = useWorkplace();
  const sockets = watchSockets(place);
  const program = place.start(DEMO, ['--scenario', 'terminate']);
  await program.says(moment);
  interrupt(program);
  const { code, err } = await program.ended;
  sockets.stop();
  await place.becomesQuiet();
  expect([code, err.trim()]).toEqual([130, 'Ending the demo …']);
  expect(readdirSync(place.directory)).toEqual([]);
  expect(sockets.left()).toEqual([]);
}

describe('Ctrl-C in the demo', { timeout: 120_000 }, () => {
  for (const moment of MOMENTS) {
    it(`leaves nothing when it comes at "${String(moment)}", to the whole group as a terminal sends it`, () =>
      interruptAt(moment, (program) => program.signalGroup('SIGINT')));
  }

  it('leaves nothing when it comes twice at once, to the process alone', () =>
    interruptAt('step 2 of 2', (program) => {
      program.signal('SIGINT');
      program.signal('SIGINT');
    }));

  it('leaves nothing before the demo has begun', async () => {
    const place = useWorkplace();
    const program = place.start(DEMO, []);
    program.signalGroup('SIGINT');
    expect((await program.ended).code).toBe(130);
    await place.becomesQuiet();
    expect(readdirSync(place.directory)).toEqual([]);
  });

  it('leaves nothing when it comes while the demo is already ending', () =>
    interruptAt('step 2 of 2', (program) => {
      program.signalGroup('SIGINT');
      setTimeout(() => program.signalGroup('SIGINT'), 300);
    }));
});
