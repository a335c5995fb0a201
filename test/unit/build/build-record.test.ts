import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBuildRecord } from '../../../shared/protocol/build-record.ts';

const AT = '2026-01-02T03:04:05.000Z';
const output = { stdout: 0, stderr: 0 };
const START = { kind: 'build-started', format: 1, event: 'build', fileName: 'f', at: AT };
const begun = (step: number) => ({
  kind: 'step-started',
  step,
  event: 'build',
  name: `s${step}`,
  line: 1,
  at: AT,
  output,
});
const ended = (step: number, exitCode: number) => ({
  ...{ kind: 'step-ended', step, at: AT, durationMs: 5, exitCode, signal: null, outOfMemory: false, output },
  failure: null,
});
const END = { kind: 'build-ended', at: AT, outcome: 'succeeded' };
const text = (...lines: unknown[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('readBuildRecord', () => {
  it('reads a whole record', () => {
    expect(readBuildRecord(text(START, begun(0), ended(0, 0), begun(1), ended(1, 0), END))).toMatchObject({
      outcome: 'succeeded',
      steps: [
        { name: 's0', exitCode: 0 },
        { name: 's1', exitCode: 0 },
      ],
    });
  });

  it('reads one that is cut anywhere, and never more of it than was written', () => {
    const whole = text(START, begun(0), ended(0, 0), END);
    for (let cut = 0; cut < whole.length; cut++) {
      const record = readBuildRecord(whole.slice(0, cut));
      expect(record?.outcome ?? null).toBe(cut < whole.length - 1 ? null : 'succeeded');
      expect(record?.steps.length ?? 0).toBeLessThanOrEqual(1);
    }
  });

  it.each([
    ['nothing', ''],
    ['another text', 'hello\n'],
    ['a later format', text({ ...START, format: 2 })],
    ['a step without a build', text(begun(0))],
  ])('is null for %s', (_, other) => expect(readBuildRecord(other)).toBeNull());

  it('leaves out what is no line of it: an unknown kind, a step that never began, a second end', () => {
    const lines = [{ kind: 'x' }, ended(5, 0), begun(3), begun(0), ended(0, 4), ended(0, 0), begun(0), 7, null];
    expect(readBuildRecord(text(START, ...lines))?.steps).toMatchObject([{ name: 's0', exitCode: 4 }]);
  });

  it('says that a step ended when it did, and not when that was written down', () => {
    const written = { ...ended(0, 3), at: '2026-01-02T03:04:05.800Z', durationMs: 300 };
    const [step] = readBuildRecord(text(START, begun(0), written))?.steps ?? [];
    expect(step?.endedAt).toBe('2026-01-02T03:04:05.300Z');
    const [other] = readBuildRecord(text(START, begun(0), { ...written, durationMs: 9e15 }))?.steps ?? [];
    expect(other?.endedAt).toBe('2026-01-02T03:04:05.800Z');
  });

  it('throws at nothing', () => {
    const line = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom(...[START, begun(0), ended(0, 1), END].map((one) => JSON.stringify(one))),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => void readBuildRecord([JSON.stringify(START), ...lines].join('\n'))),
    );
  });
});
