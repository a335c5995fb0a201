import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildPlace } from '../../kit/builds/build-place.ts';
import { stepOfBlocks } from '../../kit/builds/failure-of-step.ts';
import { makeDisk, mayMount } from '../../kit/agent/small-disk.ts';

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

describe.skipIf(!mayMount)('a step that fails on a full disk says so (needs root that may mount)', () => {
  it.each([
    ['and the file stays', 'dd if=/dev/zero of="$DISK/big" bs=1M 2>/dev/null', 'full'],
    [
      'and the file is removed',
      'dd if=/dev/zero of="$DISK/big" bs=1M 2>/dev/null || { sleep 1; rm "$DISK/big"; false; }',
      'full',
    ],
    ['which has no inodes', 'i=0; while echo >"$DISK/$((i += 1))"; do :; done 2>/dev/null; false', 'out of inodes'],
  ])('%s', async (_, command, words) => {
    const disk = makeDisk(20, 100);
    const file = stepOfBlocks([['true', `DISK=${disk}`, command]]);
    const { stderr } = await place.run(file, { environment: { TMPDIR: disk } });
    expect(stderr).toMatch(new RegExp(`in line 10.*exit code 1 \\(the disk of ${disk} was ${words} while it ran: `));
  });

  it.each([20, 0.75])('and nothing of a disk of %d MB that has room', async (megabytes) => {
    const { stderr } = await place.run(stepOfBlocks([['exit 1']]), { environment: { TMPDIR: makeDisk(megabytes) } });
    expect(stderr).toMatch(/in line 8 of acquia-pipelines.yaml, exit code 1: exit 1\n$/);
  });
});
