import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../../../agent/report/http-post.ts';
import { judgeReportAnswer, judgeSignalAnswer } from '../../../agent/report/judge-answer.ts';

const NOW = new Date('2026-03-01T12:00:00Z');

function answer(status: number, more: Partial<HttpAnswer & { kind: 'answer' }> = {}): HttpAnswer {
  return { kind: 'answer', status, text: '', retryAfter: null, date: null, ...more };
}

describe('judgeSignalAnswer', () => {
  it('takes 202 and no other success for accepted', () => {
    expect(judgeSignalAnswer(answer(202), NOW).kind).toBe('accepted');
    for (const status of [200, 201, 204, 304]) expect(judgeSignalAnswer(answer(status), NOW).kind).toBe('retry');
  });

  it.each([409, 413, 422])('ends a signal that was answered %i', (status) => {
    expect(judgeSignalAnswer(answer(status), NOW)).toEqual({ kind: 'ended', status });
  });

  it.each([302, 400, 401, 403, 404, 408, 410, 423, 425, 429, 500, 502, 503, 504])('tries again after %i', (status) => {
    expect(judgeSignalAnswer(answer(status), NOW).kind).toBe('retry');
  });

  it('tries again when nothing came back', () => {
    expect(judgeSignalAnswer({ kind: 'lost', why: 'ECONNRESET' }, NOW)).toEqual({ kind: 'retry', why: 'ECONNRESET' });
  });

  it.each(['SIGNAL_CLOCK_SKEW', 'clock_skew'])('takes the time from an answer that says %s', (code) => {
    const date = 'Sun, 01 Mar 2026 11:00:00 GMT';
    const verdict = judgeSignalAnswer(answer(401, { text: JSON.stringify({ code }), date }), NOW);
    expect(verdict).toEqual({ kind: 'clock-skew', serverTime: new Date('2026-03-01T11:00:00Z') });
  });

  it('does not set its clock by any other refusal', () => {
    const date = 'Sun, 01 Mar 2026 11:00:00 GMT';
    expect(judgeSignalAnswer(answer(401, { text: '{"code":"SIGNAL_UNAUTHENTIC"}', date }), NOW).kind).toBe('retry');
    expect(judgeSignalAnswer(answer(401, { text: 'clock_skew', date }), NOW).kind).toBe('retry');
    expect(judgeSignalAnswer(answer(401, { text: '{"code":"clock_skew"}', date: 'noon' }), NOW).kind).toBe('retry');
  });

  it('waits as long as the server asks', () => {
    expect(judgeSignalAnswer(answer(429, { retryAfter: '7' }), NOW)).toMatchObject({ kind: 'retry', afterMs: 7_000 });
  });
});

describe('judgeReportAnswer', () => {
  it('takes every success for accepted', () => {
    for (const status of [200, 202, 204]) expect(judgeReportAnswer(answer(status), NOW).kind).toBe('accepted');
  });
});
