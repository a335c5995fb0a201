import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';

let app: FastifyInstance;
beforeEach(() => (app = createHttpApi(new MemoryServices().apiDeps)));
afterEach(() => app.close());

// Node closes the connection itself after this time (http.Server.requestTimeout). 0 would mean never.
it('a request that comes byte by byte is cut off after a minute, headers and body together', () => {
  expect(app.server.requestTimeout).toBe(60_000);
  expect(app.server.headersTimeout).toBeGreaterThan(0);
  expect(app.server.headersTimeout).toBeLessThanOrEqual(60_000);
});
