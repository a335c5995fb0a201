import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, mostly waiting: begun last, each would run on for a minute while nothing is beside it. */
const LONGEST = [
  'test/e2e/legacy-image.test.ts',
  'test/e2e/package.test.ts',
  'test/faults/rotate-secrets.test.ts',
  'test/e2e/rotate-keys.test.ts',
  'test/e2e/network-faults.test.ts',
  'test/image/compose.test.ts',
  'test/e2e/build-options.test.ts',
  'test/e2e/interrupt-moments.test.ts',
  'test/e2e/dashboard.test.ts',
  'test/integration/agent/end.test.ts',
  'test/integration/build/artefact.test.ts',
  'test/integration/engine/deliveries.test.ts',
  'test/integration/engine/outage.test.ts',
  'test/fuzz/fuzz.test.ts',
].map((path) => join(import.meta.dirname, '..', path));

/** The order of vitest, but for the files that take longest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONGEST.filter((path) => !existsSync(path));
    if (gone.length > 0) throw new Error(`config/longest-first.ts names files that there are not: ${gone.join(', ')}`);
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONGEST.includes(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
