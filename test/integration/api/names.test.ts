import { describe, expect, it } from 'vitest';
import { useHttp } from '../../kit/network/http-caller.ts';

const OPTIONS = { sourceVcsUri: 'https://example.org/app.git', vcsPath: 'main' };
const BUILD = { kind: 'BuildSteps', options: OPTIONS };
/** Names that would become equal to another one in the database, or that cannot be passed to a command. */
const BAD = ['__proto__', 'a\0', '\0', 'a\ud800', '\udc00a', 'a\ufffd', 'a\nb', 'a\u007f', 'a\u2028b', ''];
const REFUSED = [422, 'REQUEST_INVALID'];

describe('ids that differ only in NUL or halves of surrogate pairs', () => {
  const http = useHttp();

  it.each(BAD)('are no ids: %j is refused as clientJobId, group and kind', async (bad) => {
    for (const field of ['clientJobId', 'group', 'kind']) {
      // JSON.stringify repairs such a text, so the body is written by hand, as another program could.
      const body = JSON.stringify({ ...BUILD, [field]: 'HERE' }).replace('HERE', escaped(bad));
      expect(await http.refusal('submitter', 'POST /v1/tasks', body), field).toEqual(REFUSED);
    }
    expect(http.services.tasks.size).toBe(0);
  });

  it.each(['%00', '__proto__', 'a%00', '%EF%BF%BD', 'a%0Ab', '%7F'])(
    'are no groups: PUT /v1/groups/%s is refused',
    async (name) => {
      const body = { maxRunning: 3 };
      expect(await http.refusal('operator', `PUT /v1/groups/${name}`, body)).toEqual(REFUSED);
      expect(await http.refusal('viewer', `GET /v1/groups/${name}`)).toEqual(REFUSED);
      for (const route of [`GET /v1/tasks?group=${name}`, `GET /v1/tasks?client_job_id=${name}`]) {
        expect(await http.refusal('viewer', route), route).toEqual(REFUSED);
      }
      expect(await http.refusal('operator', `PUT /v1/tasks/pause?groups=${name}`)).toEqual(REFUSED);
    },
  );

  it('are told apart when they are whole text, as they came', async () => {
    const ids = ['é', 'e\u0301', 'É', ' a', 'a', 'a ', '😀', '%00', '\\u0000'];
    for (const clientJobId of ids) {
      const answer = await http.call('submitter', 'POST /v1/tasks', { ...BUILD, clientJobId });
      expect([answer.statusCode, answer.json<{ clientJobId: string }>().clientJobId]).toEqual([201, clientJobId]);
    }
    expect(http.services.tasks.size).toBe(ids.length);
  });

  it('are refused as bytes that are no UTF-8', async () => {
    const text = JSON.stringify({ ...BUILD, clientJobId: 'HERE' });
    const [before, after] = text.split('HERE') as [string, string];
    const body = Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xfe]), Buffer.from(after)]);
    expect(await http.refusal('submitter', 'POST /v1/tasks', body)).toEqual(REFUSED);
  });
});

describe('options that nobody would read', () => {
  const http = useHttp();

  it.each([
    ['__proto__ among the options', { options: '{"__proto__":{"vcsPath":"x"},"vcsPath":"main"}' }, 'options.__proto__'],
    [
      '__proto__ among the variables',
      { options: '{"environmentVariables":{"__proto__":"x"}}' },
      'options.environmentVariables.__proto__',
    ],
    ['an option twice', { options: '{"vcsPath":"main","vcsPath":"other"}' }, 'options.vcsPath'],
    ['an option twice, once escaped', { options: '{"vcsPath":"main","vcs\\u0050ath":"other"}' }, 'options.vcsPath'],
    ['a field twice', { options: '{},"options":{}' }, 'options'],
    ['a NUL in a value', { options: '{"vcsPath":"a\\u0000b"}' }, 'options.vcsPath'],
    [
      'half a surrogate pair in a value',
      { options: '{"environmentVariables":{"A":"\\ud800"}}' },
      'options.environmentVariables.A',
    ],
  ])('are an error and not silence: %s', async (_, { options }, path) => {
    const answer = await http.call('submitter', 'POST /v1/tasks', `{"kind":"BuildSteps","options":${options}}`);
    expect(answer.statusCode).toBe(422);
    expect(answer.json<{ details: { path: string }[] }>().details[0]?.path).toBe(path);
    expect(http.services.tasks.size).toBe(0);
  });

  it.each([
    ['POST /v1/tasks', '{"__proto__":{},"kind":"BuildSteps","options":{}}'],
    ['PUT /v1/groups/a', '{"maxRunning":3,"maxRunning":4}'],
    ['PUT /v1/clusters/a', '{"region":"r","cluster":"c","launch":{"type":"ec2","__proto__":{}}}'],
    ['POST /v1/tokens', '{"name":"a","role":"viewer","role":"admin"}'],
    ['PUT /v1/state/maintenance', '{"reason":"a\\u0000"}'],
    ['POST /v1/encrypt', '{"value":"a\\ud800"}'],
  ])('everywhere that a person sends JSON: %s %s', async (route, body) => {
    expect(await http.refusal('admin', route, body)).toEqual(REFUSED);
  });
});

describe('an Idempotency-Key', () => {
  const http = useHttp();

  it('has ASCII only, because other bytes mean one thing here and another there', async () => {
    const statusOf = async (key: string): Promise<number> => {
      const headers = { 'idempotency-key': key };
      return (await http.callWithHeaders('submitter', 'POST /v1/tasks', BUILD, headers)).statusCode;
    };
    for (const key of ['clé', 'a\u0080', 'a\tb']) expect(await statusOf(key), key).toBe(422);
    expect(await statusOf('a key-1')).toBe(201);
  });
});

function escaped(text: string): string {
  return [...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
}
