import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../../shared/time/clock.ts';

/** Collects what nothing holds, finalisers included, which run between the collections. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 5; round += 1) {
    await systemClock.sleep(2);
    collect();
  }
}
