import type { Readable } from 'node:stream';
import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import {
  EnvironmentBody,
  ProcessKey,
  SignalProcess,
  StartProcess,
  type Health,
  type ProcessStatus,
} from '../../shared/protocol/agent-api.ts';
import type { StreamName, Usage } from '../../shared/protocol/signals.ts';
import { parseCall } from './parse-call.ts';

export interface Call {
  readonly method: string;
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** Aborts when the caller has gone. */
  readonly abort: AbortSignal;
  readonly stream: Readable;
  json(): Promise<unknown>;
}

type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | {
      readonly kind: 'bytes';
      readonly headers: Readonly<Record<string, string>>;
      readonly body: AsyncIterable<Buffer>;
    };

export type AgentRoutes = (call: Call) => Promise<Answer>;

export interface OutputRequest {
  readonly stream: StreamName;
  readonly offset: number;
  readonly maxBytes: number;
  readonly follow: 'follow' | 'once';
}

/** Handlers behind the routes of the agent API; agent/run/ hands them in. */
export interface AgentApiHandlers {
  health(nonce: string | null): Promise<Health>;
  putEnvironment(secure: Record<string, string>): void;
  startProcess(key: string, body: StartProcess): { status: ProcessStatus; isNew: boolean };
  processStatus(key: string): ProcessStatus;
  processOutput(
    key: string,
    request: OutputRequest,
    abort: AbortSignal,
  ): { offset: number; body: AsyncIterable<Buffer> };
  signalProcess(key: string, request: SignalProcess): void;
  writeFile(file: { path: string; user: string | undefined; mode: string }, content: Readable): Promise<void>;
  readFile(file: { path: string; user: string | undefined }): Promise<Buffer>;
  usage(): Promise<Usage>;
  shutdown(): void;
}

const DEFAULT_MODE = '644';
// setuid, setgid and sticky are left out: no build needs them, and each is a way to more rights.
const FileMode = z.string().regex(/^0?[0-7]{3}$/, 'must be three octal digits such as 600');
const FileQuery = z.object({ path: z.string().min(1), user: z.string().min(1).optional() });
const WholeText = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number);
const Output = z.object({
  stream: z.enum(['stdout', 'stderr']).default('stdout'),
  offset: WholeText.prefault('0'),
  maxBytes: WholeText.prefault(String(Number.MAX_SAFE_INTEGER).slice(0, 15)),
  follow: z
    .enum(['true', 'false', '1', '0', ''])
    .default('false')
    .transform((text) => (text === 'true' || text === '1' ? 'follow' : 'once')),
});

const json = (status: number, body: unknown): Answer => ({ kind: 'json', status, body });

/** The table of the agent API (shared/protocol/agent-api.ts). */
export function agentRoutes(handlers: AgentApiHandlers): AgentRoutes {
  const routes: Record<string, (call: Call, key: string) => Promise<Answer> | Answer> = {
    'GET health': async (call) => json(200, await handlers.health(call.query.get('nonce'))),
    'PUT environment': async (call) => {
      handlers.putEnvironment(parseCall(EnvironmentBody, await call.json()).secure);
      return json(200, { environmentSet: true });
    },
    'PUT processes/{key}': async (call, key) => {
      const { status, isNew } = handlers.startProcess(
        parseCall(ProcessKey, key),
        parseCall(StartProcess, await call.json()),
      );
      return json(isNew ? 201 : 200, status);
    },
    'GET processes/{key}': (_call, key) => json(200, handlers.processStatus(key)),
    'GET processes/{key}/output': (call, key) => {
      const { offset, body } = handlers.processOutput(
        key,
        parseCall(Output, Object.fromEntries(call.query)),
        call.abort,
      );
      // The first byte of the answer lies behind `from` when the build has emptied its output file in between.
      return { kind: 'bytes', headers: { 'x-wip-offset': String(offset) }, body };
    },
    'POST processes/{key}/signal': async (call, key) => {
      handlers.signalProcess(key, parseCall(SignalProcess, await call.json()));
      return json(202, {});
    },
    'PUT files': async (call) => {
      const file = fileOf(call.query);
      await handlers.writeFile(
        { ...file, mode: parseCall(FileMode, call.query.get('mode') ?? DEFAULT_MODE) },
        call.stream,
      );
      return json(200, {});
    },
    'GET files': async (call) => {
      const content = await handlers.readFile(fileOf(call.query));
      return { kind: 'bytes', headers: { 'content-length': String(content.length) }, body: only(content) };
    },
    'GET usage': async () => json(200, { usage: await handlers.usage() }),
    'POST shutdown': () => {
      handlers.shutdown();
      return json(202, {});
    },
  };
  return async (call) => {
    const [version, room, key = '', ...rest] = call.segments;
    const pattern = [room, ...(key === '' ? [] : ['{key}']), ...rest].join('/');
    const route = version === 'v1' ? routes[`${call.method} ${pattern}`] : undefined;
    if (!route) throw unknownRoute(call);
    return route(call, key);
  };
}

async function* only(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}

function fileOf(query: URLSearchParams): { path: string; user: string | undefined } {
  const { path, user } = parseCall(FileQuery, {
    path: query.get('path') ?? undefined,
    user: query.get('user') ?? undefined,
  });
  return { path, user };
}

function unknownRoute(call: Call): OperationalError {
  return new OperationalError('ROUTE_UNKNOWN', {
    happened: `The agent has no ${call.method} /${call.segments.join('/')}`,
    remedy: 'Use a call of the agent API, version 1',
  });
}
