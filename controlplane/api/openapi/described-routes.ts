import type { FastifyInstance } from 'fastify';
import { ACCESS, type RouteAccess } from '../http/access.ts';
import type { RouteContract } from '../http/contract.ts';

/** A route with the contract it was registered with. */
export interface DescribedRoute {
  readonly method: string;
  /** The pattern in Fastify's notation: `/v1/tasks/:id`. */
  readonly url: string;
  readonly access: RouteAccess;
  readonly contract: RouteContract;
}

/** Collects the contracts of all routes that are registered after this call. Pages for people have no contract. */
export function describeRoutes(app: FastifyInstance): readonly DescribedRoute[] {
  const routes: DescribedRoute[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    const access = ACCESS[`${String(method)} ${url}`];
    const contract = config?.contract;
    if (contract && access) routes.push({ method: String(method), url, access, contract });
  });
  return routes;
}
