import { expect, it } from 'vitest';
import { postOnce } from '../../../agent/report/http-post.ts';

const post = { headers: {}, body: Buffer.from('{}'), timeoutMs: 1_000 };
const never = new AbortController().signal;

it('a request that cannot even be made is lost like any other, and waits for its next try', async () => {
  const lost = { kind: 'lost', why: expect.stringMatching(/^ERR_/) as string };
  expect(await postOnce({ ...post, url: new URL('ftp://127.0.0.1/x') }, never)).toEqual(lost);
  const headers = { 'webhook-id': 'a\nb' };
  expect(await postOnce({ ...post, url: new URL('http://127.0.0.1:1/x'), headers }, never)).toEqual(lost);
});
