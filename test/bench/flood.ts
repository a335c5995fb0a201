import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { createSignedPost } from '../../agent/report/signed-post.ts';
import { openDatabase } from '../../controlplane/store/database.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import { CallbackId } from '../../shared/model/ids.ts';
import { CLASS_ID, HEADER } from '../../shared/protocol/signals.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { sign } from '../../shared/keys/signing.ts';
import type { ServedNode } from '../testkit/system/served-node.ts';
import { startBenchNode } from './bench-node.ts';
import { withServer } from './bench-server.ts';
import { enrolAgents, type EnrolledAgent } from './enrolled-agents.ts';
import { FloodWord, type FloodOrder } from './flood-order.ts';
import { launchAgents } from './launched-agents.ts';
import { judgeFigure, quantile, type Measurement } from './measure.ts';

const PROGRAM = path.join(import.meta.dirname, 'flood-sender.ts');
/** Number of other senders: each sends a signal a second. */
const OTHERS = 20;
const SECONDS = 60;
const MOST_P99_MS = 250;
const TIMEOUT_MS = 30_000;
const READY = { classId: CLASS_ID.ready, pid: 12, startTime: 0 };
let lastId = 0;
const never = new AbortController().signal;

type Attack = Omit<FloodOrder, 'port' | 'seconds'> & { readonly what: string };

/** Measures how long the signals of others take while one sender floods the server, all on the same processors. */
export async function benchFlood(): Promise<Measurement[]> {
  return withServer(async (server) => {
    const masterKey = randomBytes(32);
    const { db, close } = openDatabase(server.url, { poolSize: 2 });
    await migrate(db);
    const launched = await launchAgents(db, OTHERS + 1, masterKey);
    await close();
    const node = await startBenchNode({ databaseUrl: server.url, directory: server.directory, masterKey });
    try {
      const [hostile, ...others] = await enrolAgents(node.url, launched);
      const found: Measurement[] = [];
      for (const attack of attacksOf(hostile!, new URL(node.url).host)) found.push(await measure(node, others, attack));
      return found;
    } finally {
      await node.close();
    }
  });
}

function attacksOf(agent: EnrolledAgent, host: string): Attack[] {
  const slow = Buffer.from(
    requestOf(agent, { host, key: agent.key })
      .toString()
      .replace(/\{[^]*$/, '{'),
  );
  const none = { request: null, greeting: null };
  return [
    { what: 'nobody', connections: 0, ...none },
    { what: '10,000 idle connections', connections: 10_000, ...none },
    { what: '1,000 bodies that do not come', connections: 1_000, request: null, greeting: slow.toString('base64') },
    {
      what: 'signed signals',
      connections: 64,
      request: requestOf(agent, { host, key: agent.key }).toString('base64'),
      greeting: null,
    },
    {
      what: 'requests for a foreign host',
      connections: 64,
      request: requestOf(agent, { host: 'elsewhere.example', key: agent.key }).toString('base64'),
      greeting: null,
    },
    {
      what: 'forged signals',
      connections: 64,
      request: requestOf(agent, { host, key: randomBytes(32) }).toString('base64'),
      greeting: null,
    },
  ];
}

/** Returns one request as bytes: made once, so that the sender spends no time on it. */
function requestOf({ callbackId, keyId }: EnrolledAgent, { host, key }: { host: string; key: Buffer }): Buffer {
  const body = Buffer.from(JSON.stringify(READY));
  const timestamp = Math.round(systemClock.now().getTime() / 1_000) + SECONDS * 3;
  const webhookId = `${keyId}:1`;
  const signature = sign(key, { webhookId, timestamp, callbackId: CallbackId.parse(callbackId), body });
  return Buffer.from(
    [
      `POST /v1/signal/${callbackId} HTTP/1.1`,
      `Host: ${host}`,
      `${HEADER.id}: ${webhookId}`,
      `${HEADER.timestamp}: ${timestamp}`,
      `${HEADER.signature}: ${signature}`,
      `Content-Length: ${body.length}`,
      '',
      body.toString(),
    ].join('\r\n'),
  );
}

async function measure(node: ServedNode, others: readonly EnrolledAgent[], attack: Attack): Promise<Measurement> {
  const { what, ...order } = attack;
  const sender = fork(PROGRAM, [], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  try {
    const ended = new AbortController();
    const opened = once(sender, 'message');
    sender.send({ ...order, port: Number(new URL(node.url).port), seconds: SECONDS } satisfies FloodOrder);
    await opened;
    const last = once(sender, 'message').finally(() => ended.abort());
    const times = await sendMeanwhile(node.url, others, ended.signal);
    const word = FloodWord.parse((await last)[0]);
    const answers = word.kind === 'ended' ? Object.entries(word.answers) : [];
    const list = answers.map(([status, count]) => `${Math.round(count / SECONDS)} a second answered ${status}`);
    return judgeFigure({
      what: `p99 of a signal of others, with ${what}`,
      value: quantile(times, 0.99),
      unit: 'ms',
      beside: [`; p50 ${quantile(times, 0.5).toFixed(1)} ms of ${times.length}`, ...list].join('; '),
      atMost: MOST_P99_MS,
    });
  } finally {
    sender.kill();
  }
}

/** Sends one signal after the other, spread evenly. Returns how long each took to be accepted. */
async function sendMeanwhile(url: string, others: readonly EnrolledAgent[], end: AbortSignal): Promise<number[]> {
  const posts = others.map(({ callbackId, key, keyId }) =>
    createSignedPost({
      signalUrl: `${url}/v1/signal/${callbackId}`,
      key,
      keyId,
      clock: systemClock,
      requestTimeoutMs: TIMEOUT_MS,
    }),
  );
  const times: number[] = [];
  const sending: Promise<void>[] = [];
  const body = Buffer.from(JSON.stringify(READY));
  for (let number = 0; !end.aborted; number += 1) {
    const startedMs = performance.now();
    // Unique over all measurements, because a repetition would cost less.
    const id = String((lastId += 1));
    sending.push(
      posts[number % posts.length]!.send({ to: 'signal', id, body }, never).then((answer) => {
        if (answer.kind !== 'answer' || answer.status !== 202) throw new Error(`refused: ${JSON.stringify(answer)}`);
        times.push(performance.now() - startedMs);
      }),
    );
    await systemClock.sleep(1_000 / posts.length, end);
  }
  await Promise.all(sending);
  return times;
}
