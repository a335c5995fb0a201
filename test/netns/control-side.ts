import { randomBytes } from 'node:crypto';
import { createWriteStream, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../controlplane/config.ts';
import { startLocalEcs } from '../../controlplane/localecs/start-local-ecs.ts';
import { createClosers } from '../../controlplane/node/closers.ts';
import { startControlPlane } from '../../controlplane/server.ts';
import { EcsClusterStore } from '../../controlplane/store/clusters/ecs-cluster-store.ts';
import { localCluster } from '../../controlplane/store/clusters/local-cluster.ts';
import { addApiToken } from '../../controlplane/store/settings/api-tokens.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { createLogger } from '../../shared/system/logger.ts';
import { Secret } from '../../shared/keys/secret.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';
import { SocketRelay } from '../kit/network/socket-relay.ts';
import { startWipDatabase } from '../testkit/system/wip-database.ts';
import { ControlOrder, type ControlReady, type PlacedContainer } from './control-order.ts';
import { createNamespaceLauncher } from './namespace-launcher.ts';

// The host of the control plane: PostgreSQL, a node, and a local ECS for each container. It runs in a network namespace of
// its own, so the test reaches node and database through Unix sockets, which belong to no network.

const PORT = 8090;
const CONNECTIONS = 40;
const closers = createClosers();

/** What a site with one cluster for each container says: those in awsvpc networks are on Fargate. */
function siteConfig(containers: readonly PlacedContainer[]): string {
  const fargate = {
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    volumes: [],
    containerDefinitions: [{ memory: 512, mountPoints: [], portMappings: [{ hostPort: null }, { hostPort: null }] }],
  };
  const named = containers.filter(({ mode }) => mode === 'awsvpc').map(({ name }) => [name, fargate]);
  return JSON.stringify({ clusters: Object.fromEntries(named) as Record<string, unknown> });
}

async function start({ directory, host, containers }: ControlOrder): Promise<ControlReady> {
  const logFile = createWriteStream(path.join(directory, 'control.log'));
  const logger = (name: string) => createLogger(name, 'info', { write: (line) => void logFile.write(line) });
  const time = { originMs: systemClock.now().getTime(), speed: 1 };
  const log = logger('database');
  const database = await startWipDatabase({ directory, serverUrl: null, connections: CONNECTIONS, time, log });
  closers.add('database', () => database.close());

  const masterKey = randomBytes(32);
  const clusters = new EcsClusterStore(database.db, new Secret(masterKey));
  for (const container of containers) {
    const isFargate = container.mode === 'awsvpc';
    const ecs = await startLocalEcs({
      directory: path.join(directory, 'ecs', container.name),
      launcher: createNamespaceLauncher(container),
      // The machine's port is bound on all its addresses, so the node has to ask EC2 for one.
      bindAddress: '0.0.0.0',
      machineAddress: container.address,
      closeGraceMs: 0,
      clock: systemClock,
      log: logger(`ecs ${container.name}`),
    });
    closers.add(`ecs ${container.name}`, () => ecs.close());
    const launch = isFargate ? { type: 'fargate', subnets: ['subnet-1'] } : { type: 'ec2' };
    await clusters.save({ ...localCluster(ecs), name: container.name, launch });
  }
  const token = randomBytes(32).toString('base64url');
  await addApiToken(database.db, { name: 'netns', role: 'admin', tokenHash: sha256Hex(token) });
  const siteFile = path.join(directory, 'site.yml');
  writeFileSync(siteFile, siteConfig(containers));
  const config = loadConfig({
    environment: {},
    given: {
      mode: 'development',
      host: '0.0.0.0',
      port: PORT,
      public_url: `http://${host}:${PORT}`,
      allow_http: true,
      // The relay to the test has a name and a port of the other network.
      allowed_hosts: '*',
      database_url: database.url,
      master_key: masterKey.toString('base64'),
      site_config: siteFile,
      max_disk_percent: 100,
      // Short, so that an outage of seconds is longer than three heartbeats and than the patience with a process.
      heartbeat_seconds: 2,
      sweep_seconds: 2,
      ask_after_seconds: 2,
    },
  });
  const node = await startControlPlane({
    config,
    environment: {},
    version: 'netns',
    clock: systemClock,
    random: Math.random,
    log: logger('node'),
  });
  closers.add('node', () => node.close());

  const server = new URL(database.url);
  const nodeSocket = path.join(directory, 'node.sock');
  const databaseSocket = path.join(directory, 'database.sock');
  const toDatabase = { host: server.hostname, port: Number(server.port) };
  const relays = [
    await SocketRelay.open({ path: nodeSocket }, { host: '127.0.0.1', port: PORT }),
    await SocketRelay.open({ path: databaseSocket }, toDatabase),
  ];
  closers.add('relays', () => Promise.all(relays.map((relay) => relay.close())));
  return { token, nodeSocket, databaseSocket, databaseUrl: database.url };
}

/** Ends once, whether it was told to or has lost its parent. */
let ending: Promise<void> | undefined;
function end(code: number): void {
  ending ??= closers.closeAll().then(
    () => process.exit(code),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}

process.once('disconnect', () => end(0));
process.once('SIGTERM', () => end(0));
process.once('message', (message) => {
  start(ControlOrder.parse(message)).then(
    (ready) => process.send?.(ready),
    (error: unknown) => {
      console.error(error);
      end(1);
    },
  );
});
