import type { AccessKey } from '../../../controlplane/localecs/protocol/access-key.ts';
import { checkSignature } from '../../../controlplane/localecs/protocol/signature.ts';
import { serveOnLoopback } from '../network/loopback-server.ts';

export interface LogsServer {
  readonly url: string;
  /** Lines by `group/stream`. */
  readonly streams: Map<string, readonly string[]>;
  /** What every call asked for, in order. */
  readonly calls: Readonly<Record<string, unknown>>[];
  /** What happens to the calls: an answer, a refusal, or nothing at all. */
  mood: 'answers' | 'denies' | 'hangs';
  stop(): Promise<void>;
}

const TARGET = 'Logs_20140328.GetLogEvents';

/** A small Amazon CloudWatch Logs: GetLogEvents in the JSON protocol, for callers that sign with this key. */
export async function startLogs(key: AccessKey): Promise<LogsServer> {
  const logs: Omit<LogsServer, 'url' | 'stop'> = { streams: new Map(), calls: [], mood: 'answers' };
  const server = await serveOnLoopback((request, response) => {
    void (async () => {
      const body = Buffer.concat(await request.toArray());
      const send = (status: number, answer: object): void => {
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
      };
      checkSignature(request, body, key);
      if (request.headers['x-amz-target'] !== TARGET) return send(400, { __type: 'UnknownOperationException' });
      const call = JSON.parse(body.toString()) as Record<string, unknown>;
      logs.calls.push(call);
      if (logs.mood === 'hangs') return;
      if (logs.mood === 'denies') {
        return send(400, { __type: 'AccessDeniedException', message: 'not authorized to perform: logs:GetLogEvents' });
      }
      const lines = logs.streams.get(`${String(call['logGroupName'])}/${String(call['logStreamName'])}`);
      if (!lines) {
        const message = 'The specified log stream does not exist.';
        return send(400, { __type: 'ResourceNotFoundException', message });
      }
      const events = lines
        .slice(-Number(call['limit']))
        .map((message, index) => ({ message, timestamp: index, ingestionTime: index }));
      send(200, { events, nextForwardToken: 'f', nextBackwardToken: 'b' });
    })().catch(() => response.writeHead(403).end('{"__type":"InvalidSignatureException"}'));
  });
  return Object.assign(logs, { url: server.url, stop: () => server.stop() });
}
