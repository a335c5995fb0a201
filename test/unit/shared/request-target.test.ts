import { describe, expect, it } from 'vitest';
import { parseRequestTarget } from '../../../shared/http/request-target.ts';

describe('the target of a request (RFC 9112, 3.2)', () => {
  it.each([
    ['GET', '/healthz?a=http://b', '/healthz?a=http://b', null],
    ['GET', '//host/x', '//host/x', null],
    ['GET', 'http://host:80/a/../b?c', '/a/../b?c', 'host:80'],
    ['GET', 'HTTPS://Host', '/', 'Host'],
    ['POST', 'http://host?c', '/?c', 'host'],
    ['OPTIONS', 'http://host/', '/', 'host'],
    ['GET', 'http://[::1]:8090/x', '/x', '[::1]:8090'],
  ])('%s %s is the path %s of %s', (method, url, pathAndQuery, authority) => {
    expect(parseRequestTarget(method, url)).toEqual({ kind: 'path', pathAndQuery, authority });
  });

  it('is the server as a whole with OPTIONS * alone, and in the form that proxies make it from', () => {
    expect(parseRequestTarget('OPTIONS', '*')).toEqual({ kind: 'server', authority: null });
    expect(parseRequestTarget('OPTIONS', 'http://host')).toEqual({ kind: 'server', authority: 'host' });
  });

  it.each([
    ['GET', '*'],
    ['HEAD', '*'],
    ['OPTIONS', '*?a'],
    ['OPTIONS', '**'],
    ['GET', ''],
    ['GET', 'healthz'],
    ['GET', 'host:80'],
    ['GET', 'http:/healthz'],
    ['GET', 'http:///healthz'],
    ['GET', 'ftp://host/healthz'],
    ['GET', 'http://user@host/healthz'],
  ])('%s %s is none', (method, url) => expect(parseRequestTarget(method, url)).toEqual({ kind: 'none' }));
});
