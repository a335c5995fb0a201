import { connect } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();
let port: number;
beforeEach(async () => {
  port = Number(new URL(await http.app.listen({ host: '127.0.0.1', port: 0 })).port);
});

/** Returns the status of a request with exactly these lines: a client library would refuse to send most of them. */
function statusOf(...lines: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write([...lines, 'Connection: close', '', ''].join('\r\n')));
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
    socket.once('error', reject).once('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])));
  });
}

const get = (host: string, ...more: string[]): Promise<number> =>
  statusOf('GET /metrics HTTP/1.1', `Host: ${host.replace('PORT', String(port))}`, ...more);

describe('a web page whose name was rebound to 127.0.0.1 cannot read this server', () => {
  it.each(['127.0.0.1:PORT', 'localhost:PORT', 'LocalHost:PORT', '[::1]:PORT', '127.8.9.10:PORT'])(
    'answers for %s',
    async (host) => expect(await get(host)).toBe(200),
  );

  it.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1.evil.example:PORT',
    'localhost.evil.example:PORT',
    '127.evil.example:PORT',
    'localhost.:PORT',
    '127.0.0.1.:PORT',
    '2130706433:PORT',
    '0x7f000001:PORT',
    '0177.0.0.1:PORT',
    '127.1:PORT',
    '0.0.0.0:PORT',
    '[::]:PORT',
    'localhost:1',
    'localhost',
    'user@127.0.0.1:PORT',
    '',
  ])('answers 421 for the host "%s"', async (host) => expect(await get(host)).toBe(421));

  it('answers none of its routes, nor that there is none, under a foreign host', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/v1/ping', '/nothing', '/']) {
      expect(await statusOf(`GET ${path} HTTP/1.1`, 'Host: evil.example'), path).toBe(421);
      expect(await statusOf(`POST ${path} HTTP/1.1`, 'Host: evil.example', 'Content-Length: 0'), path).toBe(421);
    }
  });

  it('wants one host, and the right one of a target in absolute form, which replaces Host', async () => {
    expect(await statusOf('GET /healthz HTTP/1.1')).toBe(400);
    expect(await get(`127.0.0.1:${port}`, 'Host: evil.example')).not.toBe(200);
    const own = `Host: 127.0.0.1:${port}`;
    expect(await statusOf('GET http://evil.example/healthz HTTP/1.1', own)).toBe(421);
    for (const host of [own, 'Host: evil.example', 'Host:']) {
      expect(await statusOf(`GET http://127.0.0.1:${port}/healthz HTTP/1.1`, host), host).toBe(200);
      expect(await statusOf('GET http://evil.example/healthz HTTP/1.1', host), host).toBe(421);
    }
    const page = (origin: string): Promise<number> =>
      statusOf(`GET http://localhost:${port}/healthz HTTP/1.1`, 'Host: evil.example', `Origin: ${origin}`);
    expect(await page('http://evil.example')).toBe(403);
    expect(await page(`http://localhost:${port}`)).toBe(200);
  });

  it('answers a balancer of this machine that asks in HTTP/1.0 without a host, who has no more rights than anybody', async () => {
    for (const path of ['/healthz', '/readyz']) expect(await statusOf(`GET ${path} HTTP/1.0`), path).toBe(200);
    // What "option httpchk" of HAProxy sends unless it is told more.
    expect(await statusOf('OPTIONS / HTTP/1.0')).toBe(204);
    expect(await statusOf('GET /metrics HTTP/1.0')).toBe(401);
    expect(await statusOf('GET /healthz HTTP/1.0', 'Host: evil.example')).toBe(421);
    expect(await statusOf('GET /healthz HTTP/1.0', 'Host:')).toBe(421);
    expect(await statusOf('GET /healthz HTTP/1.0', 'Origin: http://evil.example')).toBe(403);
  });

  it('answers for the configured names as well, and for any with *', async () => {
    Object.assign(http.services.callers, {
      publicUrl: 'https://wip.example.org',
      hosts: ['builds.example.org', 'localhost:9000'],
    });
    for (const host of ['wip.example.org', 'WIP.example.org:443', 'builds.example.org:81', 'localhost:9000']) {
      expect(await get(host), host).toBe(200);
    }
    for (const host of ['wip.example.org.evil.example', 'localhost:9001', 'evil.example']) {
      expect(await get(host), host).toBe(421);
    }
    Object.assign(http.services.callers, { publicUrl: null, hosts: ['*'] });
    expect(await get('evil.example')).toBe(200);
  });
});

describe('/metrics behind nginx before 1.29.7 as it is without further settings', () => {
  it('wants a token: such a request comes from here in HTTP/1.0 and with no header of a proxy', async () => {
    const host = `Host: 127.0.0.1:${port}`;
    expect(await statusOf('GET /metrics HTTP/1.0', host)).toBe(401);
    expect(await statusOf('GET /metrics HTTP/1.1', host)).toBe(200);
    expect(await statusOf('GET /metrics HTTP/1.1', host, 'X-Real-IP: 8.8.8.8')).toBe(401);
  });
});

describe('a web page cannot make its visitor’s browser call this server', () => {
  const from = (origin: string, method: string): Promise<number> =>
    statusOf(
      `${method} /v1/tasks HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Origin: ${origin}`,
      'Content-Type: text/plain',
      'Content-Length: 2',
      '',
      '{}',
    );

  it.each(['http://evil.example', 'null', 'http://127.0.0.1.evil.example', 'file://', 'http://localhost:3000', 'x'])(
    'refuses the origin %s on every method, a simple POST among them',
    async (origin) => {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
        expect(await from(origin, method), method).toBe(403);
      }
    },
  );

  it('takes pages of its own, of its public address and of the configured names, who need a token as ever', async () => {
    Object.assign(http.services.callers, { publicUrl: 'https://wip.example.org', hosts: ['builds.example.org'] });
    for (const origin of [`http://127.0.0.1:${port}`, 'https://wip.example.org', 'https://builds.example.org']) {
      expect(await from(origin, 'POST'), origin).toBe(401);
    }
    Object.assign(http.services.callers, { publicUrl: null, hosts: ['*'] });
    expect(await from('http://evil.example', 'POST')).toBe(403);
  });
});
