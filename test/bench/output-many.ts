import { randomBytes } from 'node:crypto';
import { createSignedPost } from '../../agent/report/signed-post.ts';
import { openDatabase } from '../../controlplane/store/database.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { startBenchNode } from './bench-node.ts';
import { withServer } from './bench-server.ts';
import { enrolAgents, type EnrolledAgent } from './enrolled-agents.ts';
import { launchAgents } from './launched-agents.ts';
import { judgeFigure, quantile, type Finding } from './measure.ts';
import { peakMegabytes, processorSeconds, processorSecondsOfTree } from './processor-time.ts';

const AGENTS = 200;
const BYTES_A_SECOND = 100_000;
const SECONDS = 15;
const LATEST_MS = 30_000;

/** Measures one node that takes the output of 200 builds, of each 100 KB every second. */
export async function benchOutputOfMany(): Promise<Finding[]> {
  return withServer(async (server) => {
    const masterKey = randomBytes(32);
    const { db, close } = openDatabase(server.url, { poolSize: 2 });
    await migrate(db);
    const launched = await launchAgents(db, AGENTS, masterKey);
    await close();
    const node = await startBenchNode({ databaseUrl: server.url, directory: server.directory, masterKey });
    try {
      const agents = await enrolAgents(node.url, launched);
      const used = () => processorSeconds([node.pid]) + processorSecondsOfTree(server.pid);
      const usedBefore = used();
      const startedMs = performance.now();
      const times = (await Promise.all(agents.map((agent) => sendOutput(node.url, agent)))).flat();
      const seconds = (performance.now() - startedMs) / 1_000;
      const takenShare = times.filter((ms) => ms < LATEST_MS).length / times.length;
      const megabytes = (AGENTS * BYTES_A_SECOND * SECONDS) / 1e6;
      const what = (text: string): string => `${AGENTS} builds that each print ${BYTES_A_SECOND / 1_000} KB/s: ${text}`;
      return [
        judgeFigure({
          what: what('taken'),
          value: (megabytes * takenShare) / seconds,
          unit: 'MB/s',
          beside: ` of ${(AGENTS * BYTES_A_SECOND) / 1e6}; node and PostgreSQL ${(((used() - usedBefore) * 1_000) / megabytes).toFixed(1)} ms of processor a MB`,
        }),
        judgeFigure({
          what: what('a report is answered, p99'),
          value: quantile(times, 0.99),
          unit: 'ms',
          beside: `; p50 ${quantile(times, 0.5).toFixed(0)} ms`,
        }),
        judgeFigure({
          what: what('peak memory of the node'),
          value: peakMegabytes(node.pid),
          unit: 'MB',
          beside: ' resident',
        }),
      ];
    } finally {
      await node.close();
    }
  });
}

/**
 * Sends a piece every second, as an agent does: the next one waits for the answer. Returns milliseconds of the answers. A
 * piece that was not taken counts with the longest time.
 */
async function sendOutput(url: string, { callbackId, key, keyId }: EnrolledAgent): Promise<number[]> {
  const signalUrl = `${url}/v1/signal/${callbackId}`;
  const post = createSignedPost({ signalUrl, key, keyId, clock: systemClock, requestTimeoutMs: LATEST_MS });
  const data = randomBytes(BYTES_A_SECOND / 2).toString('hex');
  const times: number[] = [];
  // Agents start at different moments.
  const firstMs = performance.now() + Math.random() * 1_000;
  for (let sent = 0; sent < SECONDS; sent += 1) {
    await systemClock.sleep(Math.max(0, firstMs + sent * 1_000 - performance.now()));
    const offset = sent * data.length;
    const piece = { processId: 'build', stream: 'stdout', offset, data: Buffer.from(data).toString('base64') };
    const sentMs = performance.now();
    const answer = await post.send(
      { to: 'chunks', id: `build:stdout:${offset}`, body: Buffer.from(JSON.stringify(piece)) },
      AbortSignal.timeout(LATEST_MS),
    );
    const isTaken = answer.kind === 'answer' && answer.status === 202;
    times.push(isTaken ? performance.now() - sentMs : LATEST_MS);
  }
  return times;
}
