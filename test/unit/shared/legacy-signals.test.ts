import { describe, expect, it } from 'vitest';
import { decideLegacyKind, LEGACY_SIGNAL_BODY, legacySignal } from '../../../shared/protocol/legacy-signals.ts';
import { CLASS_ID, Signal } from '../../../shared/protocol/signals.ts';

const NOW = 1_800_000_000;

function read(body: Record<string, unknown>): unknown {
  const kind = decideLegacyKind(body);
  return kind && legacySignal(kind, NOW).safeParse(body).data;
}

describe('a signal of a shell entrypoint', () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    ['its SIGNAL_BODY unchanged', LEGACY_SIGNAL_BODY, { pid: 1, startTime: NOW }],
    ['an empty body', {}, { classId: CLASS_ID.ready, pid: 1, startTime: NOW }],
    ['numbers as texts', { pid: '17', startTime: '1799999999' }, { pid: 17, startTime: 1_799_999_999 }],
    ['a pid that is none', { pid: -1 }, { pid: 1 }],
  ])('is the ready signal: %s', (_what, body, expected) => {
    expect(read(body)).toMatchObject({ classId: CLASS_ID.ready, type: 1, ...(expected as object) });
  });

  it('is the output signal when it says why, though its class id was left as it was given', () => {
    const body = { ...LEGACY_SIGNAL_BODY, exitLog: 'Out of disk.', log: 'a\nb' };
    expect(read(body)).toEqual({ classId: CLASS_ID.output, type: 3, exitLog: 'Out of disk.', log: 'a\nb' });
    expect(read({ classId: CLASS_ID.output })).toMatchObject({ exitLog: 'The container did not say why it ends.' });
  });

  it('is the exit signal when it has the three figures, which a shell may not have measured', () => {
    const body = { ...LEGACY_SIGNAL_BODY, time: '61', disk: '', initial_disk: 1.5 };
    expect(read(body)).toEqual({ classId: CLASS_ID.exit, type: 2, time: 61, disk: null, initial_disk: 1.5 });
  });

  it('tells no cause, no measurement and nothing else that an agent would have signed', () => {
    const forged = { cause: 'limit-disk', causes: ['limit-disk'], usage: {}, exitCode: 0, stdout: {}, process: {} };
    expect(read({ exitLog: 'x', log: '', ...forged })).toEqual({
      classId: CLASS_ID.output,
      type: 3,
      exitLog: 'x',
      log: '',
    });
    const exit = read({ time: 1, disk: 1, initial_disk: 1, ...forged });
    expect(Object.keys(exit as object)).not.toContain('cause');
  });

  it('is not understood with the class id of another signal, or a figure that is none', () => {
    expect(decideLegacyKind({ classId: CLASS_ID.processComplete })).toBeNull();
    expect(read({ time: 'soon', disk: 1, initial_disk: 1 })).toBeUndefined();
    expect(read({ classId: CLASS_ID.exit, time: 1 })).toBeUndefined();
  });

  it('is stored as a signal that every reader of the store understands', () => {
    for (const body of [{}, { exitLog: 'x' }, { time: 1, disk: '', initial_disk: '0.5' }]) {
      expect(Signal.safeParse(read(body)).success).toBe(true);
    }
  });
});
