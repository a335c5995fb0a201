import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideAbandoned, decideTry, type TriedRequest } from '../../../controlplane/outbox/decide-try.ts';
import type { SendOutcome } from '../../../controlplane/outbox/send-request.ts';

const NOW = new Date('2026-11-27T12:00:00Z');
const SAFE: TriedRequest = { tries: 1, isRepeatable: true, isLast: false };
const ONCE: TriedRequest = { ...SAFE, isRepeatable: false };

function answer(status: number, retryAfter: string | null = null): SendOutcome {
  const headers = retryAfter === null ? {} : { 'retry-after': retryAfter };
  return { kind: 'answer', status, headers, body: 'the body', isWhole: true };
}
function noAnswer(neverSent: boolean): SendOutcome {
  return { kind: 'no-answer', neverSent, message: 'the line is dead' };
}
const decide = (outcome: SendOutcome, tried: TriedRequest) => decideTry(outcome, tried, NOW);

describe('a request that was tried', () => {
  it.each([200, 201, 202, 204, 299])('is answered by %i', (status) => {
    expect(decide(answer(status), ONCE)).toEqual({ kind: 'answered', status, body: 'the body' });
  });

  it.each([301, 302, 307, 400, 401, 403, 404, 409, 410, 422])(
    'is refused by %i, whatever may be repeated',
    (status) => {
      const refused = { kind: 'refused', status, body: 'the body', message: `it was answered ${status}` };
      expect(decide(answer(status), SAFE)).toEqual(refused);
      expect(decide(answer(status), ONCE)).toEqual(refused);
    },
  );

  it('that is signed comes back after 401, because a clock or a key may be about to change', () => {
    const signed = { ...ONCE, isSigned: true };
    expect(decide(answer(401), signed)).toMatchObject({ kind: 'again', message: 'it was answered 401' });
    expect(decide(answer(403), signed)).toMatchObject({ kind: 'refused', status: 403 });
    expect(decide(answer(401), { ...signed, isLast: true })).toMatchObject({ kind: 'refused', status: null });
  });

  it('is refused when it must not go there', () => {
    const forbidden: SendOutcome = { kind: 'forbidden', message: 'metadata belongs to the machine' };
    expect(decide(forbidden, SAFE)).toEqual({
      kind: 'refused',
      status: null,
      body: '',
      message: 'metadata belongs to the machine',
    });
  });

  it.each([425, 429, 503])('comes back after %i even when it must not be sent twice: nothing was done', (status) => {
    expect(decide(answer(status), ONCE)).toMatchObject({ kind: 'again', afterSeconds: 1 });
  });

  it.each([408, 500, 502, 504])('is sent again after %i only when it may be', (status) => {
    expect(decide(answer(status), SAFE)).toMatchObject({ kind: 'again' });
    expect(decide(answer(status), ONCE)).toMatchObject({ kind: 'unknown' });
  });

  it('is sent again without an answer when it may be, or when nobody can have had it', () => {
    expect(decide(noAnswer(false), SAFE)).toMatchObject({ kind: 'again', message: 'no answer: the line is dead' });
    expect(decide(noAnswer(true), ONCE)).toMatchObject({ kind: 'again' });
    expect(decide(noAnswer(false), ONCE)).toMatchObject({ kind: 'unknown' });
  });

  it('is given up when its time is over, and says after how many tries and why', () => {
    expect(decide(answer(503), { ...SAFE, tries: 1, isLast: true })).toMatchObject({
      kind: 'refused',
      status: null,
      message: 'given up after one try; the last: it was answered 503',
    });
    expect(decide(noAnswer(true), { ...ONCE, tries: 9, isLast: true })).toMatchObject({
      message: 'given up after 9 tries; the last: no answer: the line is dead',
    });
    expect(decide(answer(500), { ...ONCE, isLast: true })).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    [1, 1],
    [2, 2],
    [5, 16],
    [10, 512],
    [11, 600],
    [2_000, 600],
  ])('waits after its try %i for %i s', (tries, afterSeconds) => {
    expect(decide(answer(500), { ...SAFE, tries })).toMatchObject({ afterSeconds });
  });

  it.each([
    ['30', 30],
    ['0', 1],
    ['Fri, 27 Nov 2026 12:02:00 GMT', 120],
    ['Fri, 27 Nov 2026 11:00:00 GMT', 1],
    ['999999', 3_600],
    ['soon', 1],
    ['-5', 1],
  ])('honours a Retry-After of "%s" with %i s', (retryAfter, afterSeconds) => {
    expect(decide(answer(503, retryAfter), SAFE)).toMatchObject({ afterSeconds });
  });

  it('is never sent again when it must not and may have arrived', () => {
    const outcomes = fc.oneof(
      fc.record({
        kind: fc.constant('answer' as const),
        status: fc.integer({ min: 100, max: 599 }),
        headers: fc.constant({}),
        body: fc.string(),
        isWhole: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('no-answer' as const), neverSent: fc.constant(false), message: fc.string() }),
    );
    fc.assert(
      fc.property(outcomes, fc.nat({ max: 50 }), fc.boolean(), (outcome, tries, isLast) => {
        const decision = decide(outcome, { tries: tries + 1, isRepeatable: false, isLast });
        if (decision.kind !== 'again') return;
        expect(outcome).toMatchObject({ kind: 'answer' });
        expect([425, 429, 503]).toContain((outcome as { status: number }).status);
      }),
    );
  });
});

describe('a request whose node died', () => {
  it('is sent again when it may be, and is unknown when it must not', () => {
    expect(decideAbandoned(SAFE)).toBeNull();
    expect(decideAbandoned(ONCE)).toMatchObject({ kind: 'unknown' });
  });
});
