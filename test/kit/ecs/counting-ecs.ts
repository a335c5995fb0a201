import type { Launcher } from '../../../controlplane/localecs/launcher.ts';
import type { EcsAccess } from './local-ecs.ts';
import { serveOnLoopback } from '../network/loopback-server.ts';
import { signedFetch } from '../network/signed-fetch.ts';

interface EcsCall {
  readonly action: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly accessKeyId: string;
  /** With the keys of a session only. */
  readonly sessionToken: string | undefined;
}

/** An address in front of local ECS. Every call that comes is written down and handed on, whichever key signed it. */
export interface CountingEcs {
  readonly endpoint: string;
  readonly calls: EcsCall[];
  stop(): Promise<void>;
}

/** Returns what comes instead of an answer of local ECS; null: that answer. */
type AnswerInstead = (action: string, answer: string) => { readonly status: number; readonly body: string } | null;

export async function countCalls(
  ecs: EcsAccess,
  tls?: Parameters<typeof serveOnLoopback>[1],
  instead: AnswerInstead = () => null,
): Promise<CountingEcs> {
  const calls: EcsCall[] = [];
  const server = await serveOnLoopback((incoming, answer) => {
    void (async () => {
      const body = Buffer.concat(await incoming.toArray()).toString();
      const target = String(incoming.headers['x-amz-target']);
      const action = target.split('.').at(-1) ?? '';
      calls.push({
        action,
        body: JSON.parse(body) as EcsCall['body'],
        accessKeyId: /Credential=([^/]+)/.exec(String(incoming.headers.authorization))?.[1] ?? '',
        sessionToken: incoming.headers['x-amz-security-token']?.toString(),
      });
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
      // Signed again, because a signature covers the host that was called.
      const reply = await signedFetch(ecs, `${ecs.endpoint}/`, { method: 'POST', headers, body });
      const own = await reply.text();
      const { status, body: text } = instead(action, own) ?? { status: reply.status, body: own };
      answer.writeHead(status, { 'content-type': headers['content-type'] }).end(text);
    })().catch(() => answer.destroy());
  }, tls);
  return { endpoint: server.url, calls, stop: () => server.stop() };
}

/** Containers that only exist: they run until they are stopped, and cost nothing. */
export const idleLauncher: Launcher = {
  start() {
    const { promise: ended, resolve } = Promise.withResolvers<{ exitCode: number | null }>();
    const end = (): void => resolve({ exitCode: 143 });
    return Promise.resolve({ ended, terminate: end, kill: end, ports: () => [] });
  },
  adopt: () => Promise.resolve({ kind: 'never-started' }),
  discard: () => Promise.resolve(),
};
