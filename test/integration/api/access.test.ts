import { describe, expect, it } from 'vitest';
import { ACCESS } from '../../../controlplane/api/http/access.ts';
import { ROLES, type Role } from '../../../controlplane/api/http/authentication.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const TOLD_APART_BY_THE_ROUTE = ['anybody', 'signature', 'enrolment-token', 'loopback'];
const GUARDED = Object.entries(ACCESS).filter(([, access]) => !TOLD_APART_BY_THE_ROUTE.includes(access));

const http = useHttp();

async function statusOf(route: string, token?: string, from: { remoteAddress?: string } = {}): Promise<number> {
  const [method, path] = route.split(' ') as ['GET', string];
  // There is no task 99, and no such event: the streams refuse them and do not stay open.
  const headers = { 'last-event-id': 'none', ...(token && { authorization: `Bearer ${token}` }) };
  const url = path.replace(/:id|:name|:kind/, '99');
  const answer = await http.app.inject({ method, url, headers, ...from });
  return answer.statusCode;
}

describe('access', () => {
  it('lets each role call exactly what is meant for it and for those below it', async () => {
    for (const [route, needed] of GUARDED) {
      for (const role of ROLES) {
        const status = await statusOf(route, http.services.giveToken({ name: 'somebody', role }));
        const mayPass = ROLES.indexOf(role) >= ROLES.indexOf(needed as Role);
        expect(status === 403, `${role} at ${route} got ${status}`).toBe(!mayPass);
        expect(status, `${role} at ${route}`).not.toBe(401);
      }
    }
  });

  it('answers 401 without a token and with one that nobody gave out', async () => {
    for (const [route] of GUARDED) {
      expect(await statusOf(route), route).toBe(401);
      expect(await statusOf(route, 'stranger'), route).toBe(401);
    }
  });

  it('shows its metrics to programs on its machine, and to viewers from elsewhere', async () => {
    const elsewhere = { remoteAddress: '192.0.2.7' };
    expect(await statusOf('GET /metrics')).toBe(200);
    expect(await statusOf('GET /metrics', undefined, elsewhere)).toBe(401);
    expect(
      await statusOf('GET /metrics', http.services.giveToken({ name: 'prometheus', role: 'viewer' }), elsewhere),
    ).toBe(200);
    // The header shows that a proxy on this machine forwards the request of another machine.
    const proxied = await http.app.inject({ url: '/metrics', headers: { 'x-forwarded-for': '192.0.2.7' } });
    expect(proxied.statusCode).toBe(401);
  });

  it.each([
    ...[
      'x-real-ip',
      'via',
      'forwarded',
      'x-forwarded-for',
      'x-forwarded-proto',
      'x-forwarded-host',
      'x-forwarded-server',
    ],
    ...['cf-connecting-ip', 'cf-ray', 'true-client-ip', 'x-client-ip', 'x-cluster-client-ip', 'x-amzn-trace-id'],
    ...['x-original-forwarded-for', 'x-envoy-external-address', 'fastly-client-ip', 'cdn-loop', 'x-azure-clientip'],
    ...['x-remote-addr', 'client-ip', 'X-Real-IP', 'x_real_ip', 'x-proxyuser-ip', 'proxy-connection', 'x-amz-cf-id'],
    ...[
      'x-forward-for',
      'x-src-ip',
      'x-origin-ip',
      'x-scheme',
      'x-request-start',
      'x-remote-user',
      'x-haproxy-server-state',
    ],
    ...[
      'surrogate-capability',
      'front-end-https',
      'remote-user',
      'max-forwards',
      'early-data',
      'client-cert',
      'ssl-client-s-dn',
    ],
    ...['x-nobody-knows', 'x-request-id', 'x-prometheus'],
  ])('shows /metrics to nobody without a token behind a proxy that sends %s, whatever is in it', async (name) => {
    for (const value of ['8.8.8.8', '127.0.0.1', '1.1 p', '']) {
      const proxied = await http.app.inject({ url: '/metrics', headers: { [name]: value } });
      expect(proxied.statusCode, value).toBe(401);
    }
  });

  it('shows /metrics to programs here that send what Prometheus, curl and browsers do', async () => {
    const headers = {
      ...{ 'user-agent': 'Prometheus/3.0', accept: 'text/plain', 'accept-encoding': 'gzip', connection: 'keep-alive' },
      ...{
        'x-prometheus-scrape-timeout-seconds': '10',
        'x-requested-with': 'XMLHttpRequest',
        'x-b3-traceid': '1',
        'sec-fetch-site': 'none',
        dnt: '1',
        traceparent: '00-1-1-01',
      },
    };
    expect((await http.app.inject({ url: '/metrics', headers })).statusCode).toBe(200);
  });

  it('does not start with a route that has no line in the table', () => {
    expect(() => http.app.get('/v1/forgotten', () => 'x')).toThrow('GET /v1/forgotten has no line in ACCESS');
  });

  it('answers health to anybody, and readiness with the reasons', async () => {
    expect(await statusOf('GET /healthz')).toBe(200);
    expect(await statusOf('GET /readyz')).toBe(200);
    http.services.launchBlocks = ['2 tasks have waited 3 min for a launch because ECS does not allow ecs:RunTask.'];
    const blocked = await http.app.inject({ url: '/readyz' });
    expect(blocked.statusCode).toBe(200);
    expect(blocked.json()).toEqual({ ready: true, reasons: [], launches: http.services.launchBlocks });
    http.services.reasonsNotReady = ['the database cannot be reached'];
    const answer = await http.app.inject({ url: '/readyz' });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ ready: false, reasons: ['the database cannot be reached'] });
  });

  it('names what is not there in two sentences', async () => {
    const answer = await http.app.inject({ url: '/v1/nothing?token=secret' });
    expect(answer.json()).toEqual({
      type: '/docs#ROUTE_UNKNOWN',
      title: 'Route unknown',
      status: 404,
      detail: 'There is nothing at GET /v1/nothing. Check the path and the method.',
      code: 'ROUTE_UNKNOWN',
      message: 'There is nothing at GET /v1/nothing. Check the path and the method.',
      requestId: 'request-1',
    });
  });
});
