import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { openDatabase } from '../../controlplane/store/database.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import type { ServedNode } from '../testkit/system/served-node.ts';
import { startBenchNode } from './bench-node.ts';
import { withServer, type BenchServer } from './bench-server.ts';
import { SenderWord, type SenderOrder } from './heartbeat-order.ts';
import { launchAgents } from './launched-agents.ts';
import { judgeFigure, type Measurement } from './measure.ts';
import { processorSeconds, processorSecondsOfTree } from './processor-time.ts';

const PROGRAM = path.join(import.meta.dirname, 'heartbeat-sender.ts');
const AGENTS = 10_000;
// Ten thousand agents, each every 15 s.
const PER_SECOND = 667;
const MOST_PERCENT = 15;
const WARM_SECONDS = 5;
const SECONDS = 20;

type Connections = (SenderOrder & { kind: 'send' })['connections'];

/**
 * Sends signed heartbeats over HTTP to a node that does nothing else. The promise concerns heartbeats through a
 * proxy: outside of one machine agents speak https, nodes do not, and the proxy that ends TLS keeps its connections.
 * Agents that reach a node directly send so seldom that each heartbeat has a connection of its own. Their figure is
 * shown beside it.
 */
export async function benchHeartbeats(): Promise<Measurement[]> {
  return withServer(async (server) => {
    const masterKey = randomBytes(32);
    const { db, close } = openDatabase(server.url, { poolSize: 2 });
    await migrate(db);
    const agents = await launchAgents(db, AGENTS, masterKey);
    await close();
    const node = await startBenchNode({ databaseUrl: server.url, directory: server.directory, masterKey });
    const sender = fork(PROGRAM, [], { execArgv: ['--disable-warning=ExperimentalWarning'] });
    try {
      const startedMs = performance.now();
      const spentSeconds = processorSeconds([node.pid]);
      await ask(sender, { kind: 'enrol', url: node.url, agents });
      const perSecond = (AGENTS * 1_000) / (performance.now() - startedMs);
      const eachMs = ((processorSeconds([node.pid]) - spentSeconds) * 1_000) / AGENTS;
      return [
        judgeFigure({
          what: `enrolments, 16 at once, of ${AGENTS}`,
          value: perSecond,
          unit: 'a second',
          beside: `; ${eachMs.toFixed(2)} ms of the node's processor each`,
        }),
        await measure(server, node, sender, 'each'),
        await measure(server, node, sender, 'kept'),
      ];
    } finally {
      sender.kill();
      await node.close();
    }
  });
}

async function measure(
  server: BenchServer,
  node: ServedNode,
  sender: ChildProcess,
  connections: Connections,
): Promise<Measurement> {
  const send = (seconds: number) => ask(sender, { kind: 'send', perSecond: PER_SECOND, seconds, connections });
  await send(WARM_SECONDS);
  const before = { node: processorSeconds([node.pid]), database: processorSecondsOfTree(server.pid) };
  const startedMs = performance.now();
  const sent = await send(SECONDS);
  const seconds = (performance.now() - startedMs) / 1_000;
  const percent = (spent: number): number => (spent / seconds) * 100;
  const database = percent(processorSecondsOfTree(server.pid) - before.database);
  if (sent.kind !== 'sent') throw new Error(`the sender answered ${sent.kind}`);
  const answers = `${(sent.accepted / seconds).toFixed(0)} accepted a second and ${sent.refused} not, p50 ${sent.p50Ms.toFixed(1)} ms, p99 ${sent.p99Ms.toFixed(1)} ms`;
  const how = connections === 'each' ? 'a connection each' : 'over kept connections';
  return judgeFigure({
    what: `heartbeats of ${AGENTS} agents, ${PER_SECOND} a second, ${how}: processor of the node`,
    value: percent(processorSeconds([node.pid]) - before.node),
    unit: '% of a core',
    beside: `; PostgreSQL ${database.toFixed(1)} %; ${answers}`,
    ...(connections === 'kept' && { atMost: MOST_PERCENT }),
  });
}

function ask(sender: ChildProcess, order: SenderOrder): Promise<SenderWord> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`the sender ended with exit code ${code}`));
    sender.once('exit', onExit);
    sender.once('message', (message) => {
      sender.off('exit', onExit);
      resolve(SenderWord.parse(message));
    });
    sender.send(order);
  });
}
