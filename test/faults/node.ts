import { appendFileSync } from 'node:fs';
import { loadConfig } from '../../controlplane/config.ts';
import { startControlPlane } from '../../controlplane/server.ts';
import { createLogger } from '../../shared/support/logger.ts';
import { faultKinds } from './kinds.ts';
import { hurriedClock } from './hurried-time.ts';
import { NodeOrder, pointName, type NodeWord } from './node-order.ts';

// One control-plane node as a process of its own. It loads everything, says so, and waits for its order, so that a
// node that was killed is replaced in milliseconds. SIGTERM is a clean end, as for `wipctl serve`.

function say(word: NodeWord): Promise<void> {
  return new Promise((resolve) => {
    // A parent that has gone needs no words.
    if (process.send) process.send(word, () => resolve());
    else resolve();
  });
}

/** Ends like a machine that loses its power: nothing is flushed, closed or handed back. */
async function die(point: string): Promise<never> {
  await say({ kind: 'dying', point });
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined);
}

function createFailpoint({
  dieAt,
  dieAtNewPoint,
  isSparedUntilSave,
}: NodeOrder): (name: string, where?: string) => Promise<void> {
  let visits = 0;
  let isDying = false;
  let isSpared = isSparedUntilSave;
  const known = dieAtNewPoint && new Set(dieAtNewPoint);
  return async (name, where) => {
    const point = pointName(name, where);
    if (dieAt && name === dieAt.failpoint) visits += 1;
    const isNew = known !== null && !known.has(point) && !known.has(name);
    const isHit = (dieAt && name === dieAt.failpoint && visits === dieAt.visit) || (isNew && !isSpared);
    if (name.startsWith('after-save')) isSpared = false;
    if (isDying || isHit) {
      isDying = true;
      await die(point);
    }
  };
}

async function run(order: NodeOrder): Promise<void> {
  const config = loadConfig({
    environment: {},
    given: {
      mode: 'development',
      database_url: order.databaseUrl,
      database_pool: order.databasePool,
      port: 0,
      public_url: order.publicUrl,
      node: order.name,
      master_key: order.masterKey,
      lease_seconds: order.leaseSeconds,
      // A method's time is hurried, the work of two cores is not.
      method_seconds: 300,
    },
  });
  const node = await startControlPlane({
    config,
    environment: {},
    version: 'faults',
    clock: hurriedClock(order.time),
    random: Math.random,
    log: createLogger(order.name, 'info'),
    kinds: faultKinds((line) => appendFileSync(order.journal, `${line}\n`)),
    failpoint: createFailpoint(order),
  });
  process.once('SIGTERM', () => {
    void node.close().then(() => process.exit(0));
  });
  await say({ kind: 'ready', url: node.address });
}

// Without its parent a node is nobody's.
process.once('disconnect', () => process.exit(0));
process.once('message', (message) => {
  run(NodeOrder.parse(message)).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
await say({ kind: 'loaded' });
