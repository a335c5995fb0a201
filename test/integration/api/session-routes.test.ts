import type { LightMyRequestResponse } from 'fastify';
import { describe, expect, it } from 'vitest';
import { SessionAnswer } from '../../../controlplane/api/sessions/session-views.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();

function cookieOf(answer: LightMyRequestResponse): string {
  return `${answer.cookies[0]?.name}=${answer.cookies[0]?.value}`;
}

async function signIn(role: 'viewer' | 'operator' = 'operator'): Promise<{ cookie: string; csrfToken: string }> {
  const token = http.services.giveToken({ name: 'ana', role });
  const answer = await http.app.inject({ method: 'POST', url: '/v1/session', payload: { token } });
  expect(answer.statusCode).toBe(201);
  return { cookie: cookieOf(answer), csrfToken: SessionAnswer.parse(answer.json()).session?.csrfToken ?? '' };
}

async function sessionOf(cookie: string): Promise<SessionAnswer> {
  const answer = await http.app.inject({ url: '/v1/session', headers: { cookie } });
  expect(answer.statusCode).toBe(200);
  return SessionAnswer.parse(answer.json());
}

describe('a session', () => {
  it('is opened with a token, and the cookie stands for it in every request', async () => {
    const { cookie } = await signIn('viewer');
    const answer = await http.app.inject({ url: '/v1/ping', headers: { cookie } });
    expect(answer.statusCode).toBe(200);
    expect(await sessionOf(cookie)).toMatchObject({
      session: { name: 'ana', role: 'viewer' },
      opensWithoutToken: false,
    });
  });

  it('has a cookie that scripts cannot read, other sites cannot send, and that does not hold the token', async () => {
    const token = http.services.giveToken({ name: 'ana', role: 'viewer' });
    const answer = await http.app.inject({ method: 'POST', url: '/v1/session', payload: { token } });
    expect(answer.cookies).toMatchObject([{ name: 'wip_session', path: '/', httpOnly: true, sameSite: 'Strict' }]);
    expect(String(answer.headers['set-cookie'])).not.toContain('Secure');
    expect(String(answer.headers['set-cookie'])).not.toContain(token);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('has a cookie for https alone where people reach the server by https', async () => {
    http.services.url = 'https://wip.example';
    const token = http.services.giveToken({ name: 'ana', role: 'viewer' });
    const answer = await http.app.inject({ method: 'POST', url: '/v1/session', payload: { token } });
    expect(answer.cookies).toMatchObject([{ secure: true }]);
  });

  it('changes nothing without its CSRF token', async () => {
    const { cookie, csrfToken } = await signIn();
    const pause = (headers: Record<string, string>): Promise<LightMyRequestResponse> =>
      http.app.inject({ method: 'PUT', url: '/v1/tasks/pause', headers: { cookie, ...headers } });
    expect((await pause({})).json()).toMatchObject({ code: 'ORIGIN_REFUSED' });
    expect((await pause({ 'wip-csrf-token': 'guessed' })).statusCode).toBe(403);
    expect(http.services.pauses.global).toBeNull();
    expect((await pause({ 'wip-csrf-token': csrfToken })).statusCode).toBe(200);
  });

  it('needs no CSRF token beside a token in the header, which no other site can send', async () => {
    const { cookie } = await signIn();
    const token = http.services.giveToken({ name: 'ben', role: 'operator' });
    const answer = await http.callWith(token, 'PUT /v1/tasks/pause', undefined, { cookie });
    expect(answer.statusCode).toBe(200);
  });

  it('has no more rights than its token', async () => {
    const { cookie, csrfToken } = await signIn('viewer');
    const headers = { cookie, 'wip-csrf-token': csrfToken };
    const answer = await http.app.inject({ method: 'PUT', url: '/v1/tasks/pause', headers });
    expect(answer.json()).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('ends with its token', async () => {
    const { cookie } = await signIn();
    http.services.principals.clear();
    expect((await sessionOf(cookie)).session).toBeNull();
    const answer = await http.app.inject({ url: '/v1/ping', headers: { cookie } });
    expect(answer.statusCode).toBe(401);
  });

  it('is closed by whoever leaves', async () => {
    const { cookie, csrfToken } = await signIn();
    const headers = { cookie, 'wip-csrf-token': csrfToken };
    const answer = await http.app.inject({ method: 'DELETE', url: '/v1/session', headers });
    expect(answer.statusCode).toBe(204);
    expect(answer.cookies).toMatchObject([{ name: 'wip_session', value: '' }]);
  });

  it('is not opened with a token that nobody gave out, and not without one', async () => {
    for (const payload of [{ token: 'stranger' }, {}]) {
      const answer = await http.app.inject({ method: 'POST', url: '/v1/session', payload });
      expect(answer.json()).toMatchObject({ code: 'UNAUTHORIZED' });
      expect(answer.cookies).toEqual([]);
    }
    const changed = await http.app.inject({ url: '/v1/ping', headers: { cookie: 'wip_session=wip1.0.0.0' } });
    expect(changed.statusCode).toBe(401);
  });
});

describe('a development system', () => {
  it('opens a session without a token for browsers on its own machine, and for no others', async () => {
    http.services.loopbackToken = http.services.giveToken({ name: 'dev', role: 'admin' });
    const open = (from: object): Promise<LightMyRequestResponse> =>
      http.app.inject({ method: 'POST', url: '/v1/session', payload: {}, ...from });
    expect((await open({})).json()).toMatchObject({ session: { name: 'dev' }, opensWithoutToken: true });
    expect((await open({ remoteAddress: '192.0.2.7' })).statusCode).toBe(401);
    for (const name of ['x-forwarded-for', 'x-real-ip', 'via']) {
      expect((await open({ headers: { [name]: '192.0.2.7' } })).statusCode, name).toBe(401);
    }
    expect((await open({ headers: { origin: 'http://elsewhere.example' } })).json()).toMatchObject({
      code: 'ORIGIN_REFUSED',
    });
  });
});
