import { appendFileSync } from 'node:fs';
import { createLogger } from '../../shared/system/logger.ts';
import { createFailpoint } from './failpoint.ts';
import { hurriedClock } from '../testkit/system/hurried-time.ts';
import { NodeOrder, type NodeMessage } from './node-order.ts';
import { startNode } from './start-node.ts';

// One control-plane node as a process of its own. It loads its code, reports that, and waits for its order, so that a
// killed node is replaced in milliseconds. SIGTERM is a clean end, as for `wipctl serve`.

function say(word: NodeMessage): Promise<void> {
  return new Promise((resolve) => {
    // A parent that has gone gets no message.
    if (process.send) process.send(word, () => resolve());
    else resolve();
  });
}

/** Ends like a machine without power: nothing is flushed, closed or handed back. */
async function die(point: string): Promise<never> {
  await say({ kind: 'dying', point });
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined);
}

async function run(order: NodeOrder): Promise<void> {
  const node = await startNode(order, {
    clock: hurriedClock(order.time),
    log: createLogger(order.name, 'info'),
    journal: (line) => appendFileSync(order.journal, `${line}\n`),
    failpoint: createFailpoint(order, die),
  });
  process.once('SIGTERM', () => {
    void node.close().then(() => process.exit(0));
  });
  await say({ kind: 'ready', url: node.address });
}

// A node without its parent has no user and exits.
process.once('disconnect', () => process.exit(0));
process.once('message', (message) => {
  run(NodeOrder.parse(message)).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
await say({ kind: 'loaded' });
