import http from 'node:http';
import { createSignedPost, type SignedPost } from '../../agent/report/signed-post.ts';
import type { HeartbeatReport } from '../../shared/protocol/signals.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { enrolAgents } from './enrolled-agents.ts';
import { SenderOrder, type LaunchedAgent, type SenderWord } from './heartbeat-order.ts';
import { quantile } from './measure.ts';

// The heartbeats of thousands of agents, in a process that is not the node's. They enrol, sign and post with the
// agent's own code.

const TICK_MS = 5;
// A node that does not keep up does not get more requests than it could ever answer.
const MOST_UNDER_WAY = 1_000;
const TIMEOUT_MS = 30_000;

interface Agent {
  readonly post: SignedPost;
  sent: number;
}

const agents: Agent[] = [];
const never = new AbortController().signal;

async function enrolAll(url: string, launched: readonly LaunchedAgent[]): Promise<void> {
  for (const { callbackId, key, keyId } of await enrolAgents(url, launched)) {
    const signalUrl = `${url}/v1/signal/${callbackId}`;
    const signing = { key, keyId, clock: systemClock, requestTimeoutMs: TIMEOUT_MS };
    agents.push({ post: createSignedPost({ signalUrl, ...signing }), sent: 0 });
  }
}

async function sendAll({ perSecond, seconds, connections }: SenderOrder & { kind: 'send' }): Promise<SenderWord> {
  http.globalAgent = new http.Agent({ keepAlive: connections === 'kept' });
  const underWay = new Set<Promise<void>>();
  const times: number[] = [];
  let [begun, accepted, refused] = [0, 0, 0];
  const sendOne = async (agent: Agent): Promise<void> => {
    const startedMs = performance.now();
    agent.sent += 1;
    const body = Buffer.from(JSON.stringify(heartbeatOf(agent)));
    const answer = await agent.post.send({ to: 'heartbeat', id: `heartbeat:${agent.sent}`, body }, never);
    times.push(performance.now() - startedMs);
    if (answer.kind === 'answer' && answer.status === 202) accepted += 1;
    else refused += 1;
  };
  const startedMs = performance.now();
  for (let passedMs = 0; passedMs < seconds * 1_000; passedMs = performance.now() - startedMs) {
    for (const due = (passedMs / 1_000) * perSecond; begun < due && underWay.size < MOST_UNDER_WAY; begun += 1) {
      const sending = sendOne(agents[begun % agents.length]!).finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
    await systemClock.sleep(TICK_MS);
  }
  await Promise.all(underWay);
  return { kind: 'sent', accepted, refused, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

/** Returns a heartbeat as an agent sends it after some minutes of a build. */
function heartbeatOf({ sent }: Agent): HeartbeatReport {
  return {
    at: systemClock.now().toISOString(),
    usage: {
      wallSeconds: 15 * sent,
      cpuSeconds: 12.25 * sent,
      memoryPeakBytes: 734_003_200,
      oomKills: 0,
      disk: {
        initialBytes: 1_610_612_736,
        workloadBytes: 268_435_456 * sent,
        peakBytes: 268_435_456 * sent,
        inodesPeak: 51_234,
        method: 'changed-files',
        confidence: 'exact',
      },
      processes: { started: 112 * sent, peak: 23 },
      output: { bytes: 18_432 * sent, omitted: 0 },
      network: { rx: 73_400_320, tx: 2_097_152 },
    },
    progress: 40_960 * sent,
    secondsToTimeLimit: 3_600,
    secondsToDiskLimit: null,
  };
}

async function obey(order: SenderOrder): Promise<SenderWord> {
  if (order.kind === 'send') return sendAll(order);
  await enrolAll(order.url, order.agents);
  return { kind: 'enrolled' };
}

process.once('disconnect', () => process.exit(0));
process.on('message', (message) => {
  void obey(SenderOrder.parse(message)).then((word) => process.send?.(word));
});
