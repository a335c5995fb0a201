import { gunzipSync } from 'node:zlib';
import type { LightMyRequestResponse } from 'fastify';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleDashboard } from '../../../config/dashboard-bundle.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const directory = mkdtempSync(join(tmpdir(), 'wip-dashboard-'));
const http = useHttp();
beforeAll(() => bundleDashboard(process.cwd(), directory));
afterAll(() => rmSync(directory, { recursive: true }));

function get(url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  http.services.dashboardDirectory = directory;
  return http.app.inject({ url, headers });
}

function assetsOf(html: string): string[] {
  return [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
}

describe('the dashboard', () => {
  it('is one document at each of its addresses, for anybody, which is never kept', async () => {
    const pages = await Promise.all(['/', '/tasks/7', '/queue', '/clusters', '/health'].map((url) => get(url)));
    expect(new Set(pages.map(({ body }) => body)).size).toBe(1);
    for (const page of pages) {
      expect(page.statusCode).toBe(200);
      expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
    }
  });

  it('says who is signed in, so that a page asks at once for what it shows; kept by nobody', async () => {
    const token = http.services.giveToken({ name: 'an"<a>$&', role: 'viewer' });
    const signedIn = await http.app.inject({ method: 'POST', url: '/v1/session', payload: { token } });
    const cookie = `${signedIn.cookies[0]?.name}=${signedIn.cookies[0]?.value}`;
    const page = await get('/queue', { cookie, 'accept-encoding': 'gzip' });
    expect(page.headers['cache-control']).toBe('no-store');
    const [, content = ''] = /<meta name="wip-session" content="([^"]*)">/.exec(page.body) ?? [];
    expect(content).not.toMatch(/[<>]/);
    const decoded = content.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
    expect(JSON.parse(decoded)).toEqual(signedIn.json<{ session: unknown }>().session);
    expect(page.body).not.toContain(token);
    http.services.principals.delete(token);
    const revoked = await get('/queue', { cookie });
    expect([revoked.statusCode, revoked.headers['cache-control']]).toEqual([200, 'no-cache']);
    expect(revoked.body).not.toContain('wip-session');
  });

  it('is served without its session while nobody can say whose it is', async () => {
    const token = http.services.giveToken({ name: 'ana', role: 'viewer' });
    const signedIn = await http.app.inject({ method: 'POST', url: '/v1/session', payload: { token } });
    const cookie = `${signedIn.cookies[0]?.name}=${signedIn.cookies[0]?.value}`;
    http.services.principals.get = () => {
      throw new Error('the database is away');
    };
    const page = await get('/', { cookie });
    expect([page.statusCode, page.body.includes('wip-session')]).toEqual([200, false]);
  });

  it('may load nothing but files of this server, and stands in no frame', async () => {
    const page = await get('/');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(page.body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bon[a-z]+=|\bstyle=/);
  });

  it('names its files by their content, so that they are kept forever', async () => {
    const paths = assetsOf((await get('/')).body);
    // The style, the program, and what the program imports before it runs.
    expect(paths).toHaveLength(3);
    for (const path of paths) {
      const file = await get(path);
      expect(file.statusCode, path).toBe(200);
      expect(file.headers['cache-control']).toContain('immutable');
      expect(file.headers['x-content-type-options']).toBe('nosniff');
      const small = await get(path, { 'accept-encoding': 'br, gzip' });
      expect(small.headers['content-encoding']).toBe('gzip');
      expect(gunzipSync(small.rawPayload).equals(file.rawPayload)).toBe(true);
    }
  });

  it('tells a program that there is nothing, and shows a person a page that says so', async () => {
    const person = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    for (const [url, headers] of [
      ['/nothing', { accept: '*/*' }],
      ['/nothing', {}],
      ['/v1/nothing', person],
      ['/assets/nothing.js', person],
      ['/docs/', person],
    ] as const) {
      const answer = await get(url, headers);
      expect([answer.statusCode, answer.json<{ code: string }>().code], url).toEqual([404, 'ROUTE_UNKNOWN']);
    }
    const page = await get('/nothing', person);
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const near = await get('//example.org/queue/', person);
    expect([near.statusCode, near.headers['location']]).toEqual([404, undefined]);
  });

  it('has no other files', async () => {
    for (const url of ['/assets/none.js', '/assets/index.html', '/assets/..%2f..%2fpackage.json']) {
      const answer = await get(url);
      expect(answer.json(), url).toMatchObject({ code: 'ROUTE_UNKNOWN' });
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  it('is at most 80 kB to load first, and 200 kB with everything that is loaded later, compressed', async () => {
    http.services.dashboardDirectory = directory;
    const page = await get('/');
    const compressed = async (paths: readonly string[]): Promise<number> => {
      const files = await Promise.all(paths.map((path) => get(path, { 'accept-encoding': 'gzip' })));
      return files.reduce((sum, { rawPayload }) => sum + rawPayload.length, page.rawPayload.length);
    };
    expect(await compressed(assetsOf(page.body))).toBeLessThanOrEqual(80_000);
    const all = readdirSync(directory).filter((name) => name !== 'index.html');
    expect(await compressed(all.map((name) => `/assets/${name}`))).toBeLessThanOrEqual(200_000);
  });
});
