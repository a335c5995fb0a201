import { z } from 'zod';

/** How many tests came to which end. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** What a file of tests came to. */
export interface TestFile {
  readonly path: string;
  readonly tally: Readonly<Tally>;
  /** Full names of its failed tests; of a file that failed outside of its tests, its own path. */
  readonly failures: readonly string[];
  readonly skipped: readonly string[];
}

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});

/** Reads what vitest's JSON reporter wrote. Throws when it is something else. */
export function readTestReport(json: string): TestFile[] {
  return Report.parse(JSON.parse(json)).testResults.map(({ name, status, assertionResults }) => {
    const namesOf = (...statuses: string[]): string[] =>
      assertionResults.filter((test) => statuses.includes(test.status)).map((test) => test.fullName);
    const skipped = namesOf('pending', 'skipped', 'todo');
    const failed = namesOf('failed');
    const failures = status === 'failed' && failed.length === 0 ? [name] : failed;
    const tally = { passed: namesOf('passed').length, failed: failures.length, skipped: skipped.length };
    return { path: name, tally, failures, skipped };
  });
}

/** Adds what came of some tests; `times` -1 takes it away again. */
export function addTally(tally: Tally, more: Readonly<Tally>, times: 1 | -1 = 1): void {
  for (const key of ['passed', 'failed', 'skipped'] as const) tally[key] += times * more[key];
}
