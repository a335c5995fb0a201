import { afterAll, beforeAll } from 'vitest';
import { DevSystem } from './dev-system.ts';
import { Workplace } from './program.ts';

/** Starts one `wipctl dev` for all tests of a file, and ends it after them. Ask for its parts inside the tests only. */
export function useDevSystem(): { readonly place: Workplace; readonly dev: DevSystem } {
  let place: Workplace;
  let dev: DevSystem;
  beforeAll(async () => {
    place = new Workplace();
    dev = await DevSystem.start(place);
  });
  afterAll(async () => {
    await dev.close();
    await place.becomesQuiet();
    await place.remove();
  });
  return {
    get place() {
      return place;
    },
    get dev() {
      return dev;
    },
  };
}
