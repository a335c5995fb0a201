import { describe, expect, it } from 'vitest';
import { Timestamp } from '../../../shared/model/timestamp.ts';

describe('a time that a client or an agent gives', () => {
  it.each(['0001-01-01T00:00:00Z', '1970-01-01T01:00:00+01:00', '2026-11-30T12:00:00.123Z', '9999-12-31T23:59:59Z'])(
    'may be %s',
    (text) => expect(Timestamp.parse(text)).toBe(text),
  );

  it.each([
    '0000-01-01T00:00:00.000Z',
    '0001-01-01T00:00:00+14:00', // still year 0 in UTC
    '9999-12-31T23:59:59-14:00',
    '2026-02-30T00:00:00Z',
    '2026-11-30',
  ])('is refused when the database cannot keep it: %s', (text) =>
    expect(Timestamp.safeParse(text).success).toBe(false),
  );
});
