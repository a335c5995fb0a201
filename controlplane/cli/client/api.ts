import createClient, { type Client } from 'openapi-fetch';
import type { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import type { paths } from '../../api/openapi/api-types.ts';
import { ErrorAnswer } from '../../api/http/error-answer.ts';
import type { Connection } from './find-connection.ts';
import { failureReason, trustProblem } from './failure-reason.ts';
import { ServerRefusal } from './server-refusal.ts';
import { isChange, remedyOfLost } from './lost-answer.ts';
import { wasConnected } from './was-connected.ts';
import { readWhole, unanswered, unexpectedAnswer } from './read-answer.ts';

/** The body that a route takes. */
export type BodyOf<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  requestBody?: { content: { 'application/json': infer Body } };
}
  ? Body
  : never;

/** Requests to the control plane. Throws ServerRefusal for an error answer and CONTROL_PLANE_UNREACHABLE without an answer. */
export interface Api {
  readonly url: string;
  /** The routes as the OpenAPI document has them: the compiler checks paths, parameters and bodies. */
  readonly routes: Client<paths>;
  /** Parses the answer of a route, because a server of another version may answer differently. */
  ask<T extends z.ZodType>(schema: T, answer: Promise<{ readonly data?: unknown }>): Promise<z.output<T>>;
}

export function createApi({ url, token, from }: Connection): Api {
  const baseUrl = url.replace(/\/+$/, '');
  const authorization = `Bearer ${token}`;
  async function answerTo(request: Request): Promise<Response> {
    const answer = await fetch(request).catch((cause: unknown) => {
      throw wasConnected(cause) ? unanswered(request, cause) : unreachable(url, cause, from);
    });
    const whole = await readWhole(request, answer);
    if (!whole.ok) throw await refusal(request, whole, from);
    return whole;
  }
  // Redirects are not followed, because a token must only be sent to its own server. A redirect is reported like any other answer
  // that is not of Wip. The mode 'error' would also break the answer 421: fetch then repeats the request by itself, with a body
  // that was already read.
  return {
    url,
    routes: createClient<paths>({ baseUrl, headers: { authorization }, redirect: 'manual', fetch: answerTo }),
    async ask(schema, answer) {
      const parsed = schema.safeParse(await jsonOf(url, answer));
      if (parsed.success) return parsed.data;
      throw new OperationalError('CONTROL_PLANE_UNREACHABLE', {
        happened: `The server at ${url} does not answer as a Wip control plane of this version does`,
        remedy: 'Check --server, and that both have the same version',
        cause: parsed.error,
      });
    },
  };
}

async function jsonOf(url: string, answer: Promise<{ readonly data?: unknown }>): Promise<unknown> {
  try {
    return (await answer).data;
  } catch (error) {
    if (error instanceof SyntaxError) throw unexpectedAnswer({ method: 'GET', url }, 'is no JSON', error);
    throw error;
  }
}

async function refusal(request: Request, answer: Response, from: string | undefined): Promise<ServerRefusal> {
  const { origin } = new URL(request.url);
  const parsed = ErrorAnswer.safeParse(await answer.json().catch(() => undefined));
  if (parsed.success) {
    // With several servers in use, a refused token often belongs to another server.
    const asked = answer.status === 401 && from !== undefined ? ` ${origin} was named by ${from}.` : '';
    return new ServerRefusal(answer.status, parsed.data.code, `${parsed.data.message}${asked}`);
  }
  // A gateway that timed out may have passed the request on.
  const isLost = answer.status >= 500 && isChange(request);
  const whatThen = isLost ? remedyOfLost(request) : 'Check --server and any proxy in between';
  const message = `${origin} answered ${answer.status} ${answer.statusText}, which is not an answer of Wip. ${whatThen}.`;
  return new ServerRefusal(502, 'CONTROL_PLANE_UNREACHABLE', message); // a proxy or another program answered, not our server
}

function unreachable(url: string, cause: unknown, from?: string): OperationalError {
  const named = `The control plane at ${url}${from === undefined ? '' : `, named by ${from},`}`;
  const distrusted = trustProblem(cause);
  if (distrusted) {
    const happened = `${named} cannot be trusted: ${distrusted.reason}`;
    return new OperationalError('CONTROL_PLANE_UNREACHABLE', { happened, remedy: distrusted.remedy, cause });
  }
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `${named} cannot be reached: ${failureReason(cause) || 'the connection failed'}`,
    remedy: 'Start it with "wipctl dev", or name another with --server or --context',
    cause,
  });
}
