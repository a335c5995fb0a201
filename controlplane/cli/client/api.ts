import type { z } from 'zod';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { ErrorAnswer } from '../../api/http/error-answer.ts';
import type { Connection } from './find-connection.ts';
import { ServerRefusal } from './server-refusal.ts';

/** Requests to the control plane. Throws ServerRefusal for an error answer and CONTROL_PLANE_UNREACHABLE for none. */
export interface Api {
  readonly url: string;
  request(method: string, path: string, init?: RequestInit): Promise<Response>;
  /** `body` is sent as JSON, the answer parsed by `schema`. */
  ask<T extends z.ZodType>(schema: T, method: string, path: string, body?: object): Promise<z.output<T>>;
}

export function createApi({ url, token }: Connection): Api {
  async function request(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string> | undefined) };
    const target = `${url.replace(/\/+$/, '')}/v1/${path}`;
    const answer = await fetch(target, { ...init, method, headers, redirect: 'error' }).catch((cause: unknown) => {
      throw unreachable(url, cause);
    });
    if (!answer.ok) throw await refusal(answer);
    return answer;
  }
  return {
    url,
    request,
    async ask(schema, method, path, body) {
      const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      const answer = await request(method, path, body === undefined ? {} : json);
      const parsed = schema.safeParse(await answer.json().catch(() => undefined));
      if (parsed.success) return parsed.data;
      throw new OperationalError('CONTROL_PLANE_UNREACHABLE', {
        happened: `The server at ${url} does not answer as a Wip control plane of this version does`,
        remedy: 'Check --server, and that both have the same version',
        cause: parsed.error,
      });
    },
  };
}

async function refusal(answer: Response): Promise<ServerRefusal> {
  const parsed = ErrorAnswer.safeParse(await answer.json().catch(() => undefined));
  if (parsed.success) return new ServerRefusal(answer.status, parsed.data.code, parsed.data.message);
  const message = `${new URL(answer.url).origin} answered ${answer.status} ${answer.statusText}, which is not an answer of Wip. Check --server and any proxy in between.`;
  return new ServerRefusal(502, 'CONTROL_PLANE_UNREACHABLE', message); // a proxy or another program answered, not our server
}

export function unreachable(url: string, cause: unknown): OperationalError {
  // fetch throws "fetch failed" and keeps the reason (ECONNREFUSED …) in its cause.
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `The control plane at ${url} cannot be reached: ${messageOf(reason) || 'the connection failed'}`,
    remedy: 'Start it with "wipctl dev", or check --server and WIP_SERVER',
    cause,
  });
}
