import { connect, type Socket } from 'node:net';
import { createSignedPost } from '../../agent/report/signed-post.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { withInterfaceNode, type InterfaceNode } from './interface-node.ts';
import { judgeFigure, quantile, type Measurement } from './measure.ts';
import { processorSeconds, processorSecondsOfTree } from './processor-time.ts';

const FOLLOWERS = 1_000;
const EVENTS = 30;
/** No divisor of the second after which followers look by themselves: events meet every phase of it. */
const BETWEEN_MS = 710;
/** Longer than any of them should take: what has not come by then counts with this. */
const LATEST_MS = 5_000;
/** When events are slow, so many are sent as fit. */
const BOUND_MS = 30_000;
const P99_MS = 100;
const OPENING_AT_ONCE = 50;
const OPENING_BOUND_MS = 30_000;

/** Measures how long a piece of output takes from its agent to each of a thousand readers of the same task. */
export function benchFollowers(): Promise<Measurement[]> {
  return withInterfaceNode(measureFollowers);
}

async function measureFollowers({
  url,
  pid,
  databasePid,
  token,
  agent,
  taskId,
}: InterfaceNode): Promise<Measurement[]> {
  const arrivals = new Map<string, number[]>();
  const sockets: Socket[] = [];
  const late = AbortSignal.timeout(OPENING_BOUND_MS + 2 * BOUND_MS);
  const openEndMs = performance.now() + OPENING_BOUND_MS;
  try {
    while (sockets.length < FOLLOWERS && performance.now() < openEndMs) {
      const opening = Array.from({ length: OPENING_AT_ONCE }, () =>
        follow({ stream: new URL(`${url}/v1/tasks/${taskId}/stream`), token, late }, (mark) =>
          arrivals.get(mark)?.push(performance.now()),
        ),
      );
      sockets.push(...(await Promise.all(opening)));
    }
    const post = createSignedPost({
      signalUrl: `${url}/v1/signal/${agent.callbackId}`,
      key: agent.key,
      keyId: agent.keyId,
      clock: systemClock,
      requestTimeoutMs: LATEST_MS,
    });
    const times: number[] = [];
    let offset = 0;
    let events = 0;
    const usedBefore = { node: processorSeconds([pid]), database: processorSecondsOfTree(databasePid) };
    const endMs = performance.now() + BOUND_MS;
    for (let number = 0; number < EVENTS && performance.now() < endMs; number += 1) {
      const text = `piece ${1_000 + number}\n`;
      const data = Buffer.from(text).toString('base64');
      const body = Buffer.from(JSON.stringify({ processId: 'build', stream: 'stdout', offset, data }));
      const came: number[] = [];
      arrivals.set(data, came);
      const sentMs = performance.now();
      const answer = await post.send(
        { to: 'chunks', id: `build:stdout:${offset}`, body },
        AbortSignal.timeout(LATEST_MS),
      );
      if (answer.kind !== 'answer' || answer.status !== 202) throw new Error(`refused: ${JSON.stringify(answer)}`);
      offset += text.length;
      while (came.length < sockets.length && performance.now() - sentMs < LATEST_MS) await systemClock.sleep(20);
      times.push(...came.map((atMs) => atMs - sentMs));
      for (let missing = came.length; missing < sockets.length; missing += 1) times.push(LATEST_MS);
      events += 1;
      await systemClock.sleep(BETWEEN_MS);
    }
    const millisecondsAnEvent = (seconds: number): string => `${((seconds * 1_000) / events).toFixed(0)} ms`;
    const ofNode = millisecondsAnEvent(processorSeconds([pid]) - usedBefore.node);
    const ofDatabase = millisecondsAnEvent(processorSecondsOfTree(databasePid) - usedBefore.database);
    return [
      judgeFigure({
        what: `followers of one task that a node has after ${OPENING_BOUND_MS / 1_000} s at most`,
        value: sockets.length,
        unit: 'followers',
        beside: '',
        atLeast: FOLLOWERS,
      }),
      judgeFigure({
        what: `output sent by its agent → ${sockets.length} followers of the task: p99`,
        value: quantile(times, 0.99),
        unit: 'ms',
        beside: `; p50 ${quantile(times, 0.5).toFixed(1)} ms, worst ${Math.max(...times).toFixed(0)} ms of ${times.length}; processor an event and the ${BETWEEN_MS} ms behind it: node ${ofNode}, database ${ofDatabase}`,
        atMost: P99_MS,
      }),
    ];
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** Follows with as little work of its own as possible: this process measures, and shares the processors. */
async function follow(
  { stream, token, late }: { readonly stream: URL; readonly token: string; readonly late: AbortSignal },
  onData: (data: string) => void,
): Promise<Socket> {
  const socket = connect({ port: Number(stream.port), host: stream.hostname, signal: late });
  const opened = Promise.withResolvers<void>();
  socket.once('error', opened.reject);
  socket.once('close', () => opened.reject(new Error('the stream was closed before its first event')));
  let rest = '';
  socket.on('data', (bytes) => {
    rest += bytes.toString('latin1');
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('event: task')) opened.resolve();
      const data = line.startsWith('data: ') ? /"data":"([^"]+)"/.exec(line)?.[1] : undefined;
      if (data !== undefined) onData(data);
    }
  });
  const { pathname, host } = stream;
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  await opened.promise;
  return socket;
}
