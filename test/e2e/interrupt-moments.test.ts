import { readdirSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeBareRepository, makeSample } from '../kit/builds/git-place.ts';
import { watchSockets } from '../kit/programs/interrupt-demo.ts';
import { processesIn, useWorkplace, type Workplace } from '../kit/programs/program.ts';
import { startSystem, WatchedBuild } from '../kit/builds/watched-build.ts';

/** What a person has seen when the system is closed. The program with its signals is in interrupt.test.ts. */
const MOMENTS = ['→ containerWipCheckSsh', '→ exportBuildFileAsJson', '→ executeBuildScript', 'crawled page 2 of 120'];

/** Neither a process, nor a file that something still wrote after the data was removed, nor a socket directory. */
async function expectNothingLeft(place: Workplace, sockets: ReturnType<typeof watchSockets>): Promise<void> {
  sockets.stop();
  // As the demo does once the system is closed.
  for (const name of readdirSync(place.directory)) rmSync(place.path(name), { recursive: true, force: true });
  await place.becomesQuiet();
  expect(readdirSync(place.directory)).toEqual([]);
  expect(sockets.left()).toEqual([]);
}

describe('a development system that is closed in the middle', () => {
  it('leaves nothing when it has only just started', async () => {
    const place = useWorkplace();
    const sockets = watchSockets(place);
    const system = await startSystem(place);
    expect(processesIn(place.directory)).not.toEqual([]); // the database, at least
    await system.close();
    await expectNothingLeft(place, sockets);
  });

  for (const moment of MOMENTS) {
    it(`leaves nothing when its build has shown "${moment}"`, async () => {
      const place = useWorkplace();
      const sockets = watchSockets(place);
      const system = await startSystem(place);
      const source = makeSample(place.path('source'), 'terminate');
      const build = await WatchedBuild.start(system, {
        sourceVcsUri: source,
        vcsPath: 'main',
        deployVcsUri: makeBareRepository(place.path('artefact.git')),
      });
      try {
        await build.says(moment);
      } finally {
        await build.stopWatching();
        await system.close();
      }
      expect(build.out).not.toContain('→ finish');
      await expectNothingLeft(place, sockets);
    });
  }
});
