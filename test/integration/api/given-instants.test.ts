import { beforeEach, describe, expect, it } from 'vitest';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();
beforeEach(async () => {
  await http.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
});

const ROUTES = [
  'GET /v1/audit?since=',
  'GET /v1/audit?until=',
  'GET /v1/causes?since=',
  'GET /v1/causes?until=',
  'GET /v1/tasks?since=',
  'GET /v1/tasks?until=',
  'GET /v1/tasks/1/usage?since=',
  'GET /v1/tasks/1/output?stream=all&since=',
];

describe.each(ROUTES)('an instant in %s', (route) => {
  it.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2026-11-28T12:00:00%2B14:00'])(
    'is taken as %s, and the answer is as the document says',
    async (at) => expect((await http.call('admin', route + at)).statusCode).toBe(200),
  );

  it.each(['0000-01-01T00:00:00Z', '0001-01-01T00:00:00%2B14:00', '9999-12-31T23:59:59-14:00'])(
    'is refused as %s, which no answer could have',
    async (at) => {
      const answer = await http.call('admin', route + at);
      expect([answer.statusCode, answer.body]).toEqual([
        422,
        expect.stringContaining('an instant of the years 1 to 9999'),
      ]);
    },
  );
});
