import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach } from 'vitest';
import { ROLES, type Role } from '../../../controlplane/api/http/authentication.ts';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { checkAnswers } from '../check-answers.ts';
import { MemoryServices } from '../memory/memory-services.ts';

/** Calls the routes over services in memory, new for each test of the file, with a token for each role. */
export class HttpCaller {
  services = new MemoryServices();
  app: FastifyInstance = createHttpApi(this.services.apiDeps);
  #tokens = new Map<string, string>();
  #problems: readonly string[] = [];

  restart(): void {
    this.services = new MemoryServices();
    this.app = createHttpApi(this.services.apiDeps);
    this.#problems = checkAnswers(this.app);
    this.#tokens = new Map(ROLES.map((role) => [role, this.services.giveToken({ name: role, role })]));
  }

  /** Throws when an answer was not as the OpenAPI document of the server says. */
  async close(): Promise<void> {
    await this.app.close();
    if (this.#problems.length > 0) throw new Error(this.#problems.join('\n'));
  }

  /** `route` has the form `PUT /v1/groups/a`. A body that is text is sent unchanged. */
  call(role: Role, route: string, body?: object | string): Promise<LightMyRequestResponse> {
    return this.callWith(this.#tokens.get(role)!, route, body);
  }

  callWithHeaders(
    role: Role,
    route: string,
    body: object,
    headers: Readonly<Record<string, string>>,
  ): Promise<LightMyRequestResponse> {
    return this.callWith(this.#tokens.get(role)!, route, body, headers);
  }

  callWith(
    token: string,
    route: string,
    body?: object | string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<LightMyRequestResponse> {
    const [method, url] = route.split(' ') as ['GET', string];
    const headers = { authorization: `Bearer ${token}`, ...more };
    return this.app.inject({ method, url, headers, ...(body !== undefined && { payload: body }) });
  }

  async refusal(role: Role, route: string, body?: object | string): Promise<[status: number, code: string]> {
    const answer = await this.call(role, route, body);
    return [answer.statusCode, answer.json<{ code: string }>().code];
  }
}

export function useHttp(): HttpCaller {
  const caller = new HttpCaller();
  beforeEach(() => caller.restart());
  afterEach(() => caller.close());
  return caller;
}
