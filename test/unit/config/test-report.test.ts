import { expect, it } from 'vitest';
import { addTally, readTestReport } from '../../../config/test-report.ts';

function report(...files: { name: string; status: string; tests: Record<string, string> }[]): string {
  const testResults = files.map(({ name, status, tests }) => ({
    name,
    status,
    assertionResults: Object.entries(tests).map(([fullName, end]) => ({ fullName, status: end })),
  }));
  return JSON.stringify({ testResults });
}

it('names what failed and what was skipped in each file', () => {
  const tests = { a: 'passed', b: 'failed', c: 'pending', d: 'todo', e: 'skipped', f: 'passed' };
  expect(readTestReport(report({ name: '/x.test.ts', status: 'failed', tests }))).toEqual([
    {
      path: '/x.test.ts',
      tally: { passed: 2, failed: 1, skipped: 3 },
      failures: ['b'],
      skipped: ['c', 'd', 'e'],
    },
  ]);
});

it('counts a file that failed outside of its tests as one failure', () => {
  const [file] = readTestReport(report({ name: '/x.test.ts', status: 'failed', tests: { a: 'skipped' } }));
  expect(file).toMatchObject({ failures: ['/x.test.ts'], tally: { passed: 0, failed: 1, skipped: 1 } });
});

it('refuses what is no report', () => {
  expect(() => readTestReport('{}')).toThrow();
  expect(() => readTestReport('')).toThrow();
});

it('takes away what it added', () => {
  const tally = { passed: 7, failed: 1, skipped: 2 };
  addTally(tally, { passed: 1, failed: 1, skipped: 1 }, -1);
  addTally(tally, { passed: 3, failed: 0, skipped: 0 });
  expect(tally).toEqual({ passed: 9, failed: 0, skipped: 1 });
});
