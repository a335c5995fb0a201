import { createHash, randomUUID } from 'node:crypto';
import type { AccessKey } from '../../../controlplane/localecs/protocol/access-key.ts';
import { checkSignature } from '../../../controlplane/localecs/protocol/signature.ts';
import { serveOnLoopback } from '../network/loopback-server.ts';

interface Held {
  readonly id: string;
  readonly body: string;
  deliveries: number;
  /** The receipt of its last delivery; null while it is visible. */
  receipt: string | null;
}

export interface SqsServer {
  /** URL of its one queue. */
  readonly queueUrl: string;
  send(body: string): void;
  /** Makes every message that was delivered and not deleted visible again, as time does. */
  redeliver(): void;
  /** Bodies of the messages that are not deleted. */
  bodies(): readonly string[];
  readonly calls: string[];
  /** While true, every call is refused. */
  isDenied: boolean;
  stop(): Promise<void>;
}

type Answer = readonly [status: number, body: object];

/** A small Amazon SQS: ReceiveMessage with long polling and DeleteMessageBatch, in the JSON protocol, for one key. */
export async function startSqs(key: AccessKey): Promise<SqsServer> {
  const messages: Held[] = [];
  const calls: string[] = [];
  const waiting = new Set<() => void>();
  const sqs = { isDenied: false };

  function receive(max: number): object {
    const visible = messages.filter(({ receipt }) => receipt === null).slice(0, max);
    return {
      Messages: visible.map((message) => {
        message.deliveries += 1;
        message.receipt = randomUUID();
        return {
          MessageId: message.id,
          ReceiptHandle: message.receipt,
          Body: message.body,
          MD5OfBody: createHash('md5').update(message.body).digest('hex'),
          Attributes: { ApproximateReceiveCount: String(message.deliveries) },
        };
      }),
    };
  }

  function remove(entries: readonly { Id: string; ReceiptHandle: string }[]): object {
    for (const { ReceiptHandle } of entries) {
      const at = messages.findIndex(({ receipt }) => receipt === ReceiptHandle);
      if (at !== -1) messages.splice(at, 1);
    }
    return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
  }

  async function answer(action: string, input: Record<string, unknown>, gone: Promise<void>): Promise<Answer> {
    if (sqs.isDenied) return [403, { __type: 'com.amazonaws.sqs#AccessDeniedException', message: 'denied' }];
    if (action === 'DeleteMessageBatch') {
      return [200, remove(input['Entries'] as { Id: string; ReceiptHandle: string }[])];
    }
    if (action !== 'ReceiveMessage') return [400, { __type: 'UnknownOperationException' }];
    if (!messages.some(({ receipt }) => receipt === null)) {
      // Long polling: the answer waits for a message, or for the caller to go.
      const came = new Promise<void>((resolve) => waiting.add(resolve));
      await Promise.race([came, gone]);
    }
    return [200, receive(Number(input['MaxNumberOfMessages']))];
  }

  const server = await serveOnLoopback((request, response) => {
    void (async () => {
      const body = Buffer.concat(await request.toArray());
      checkSignature(request, body, key);
      const action = String(request.headers['x-amz-target']).replace(/^AmazonSQS\./, '');
      calls.push(action);
      const gone = new Promise<void>((resolve) => response.once('close', resolve));
      const [status, answered] = await answer(action, JSON.parse(body.toString()) as Record<string, unknown>, gone);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answered));
    })().catch(() => response.writeHead(403).end('{"__type":"InvalidSignatureException"}'));
  });

  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  return {
    queueUrl: `${server.url}/000000000000/wip-events`,
    send(body) {
      messages.push({ id: randomUUID(), body, deliveries: 0, receipt: null });
      wake();
    },
    redeliver() {
      for (const message of messages) message.receipt = null;
      wake();
    },
    bodies: () => messages.map(({ body }) => body),
    calls,
    get isDenied() {
      return sqs.isDenied;
    },
    set isDenied(isDenied) {
      sqs.isDenied = isDenied;
    },
    async stop() {
      wake();
      await server.stop();
    },
  };
}
