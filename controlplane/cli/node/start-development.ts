import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OperationalError, messageOf } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Logger } from '../../../shared/system/logger.ts';
import { isLoopbackHost } from '../../../shared/http/loopback.ts';
import { refuseForeignData } from '../../../shared/system/refuse-foreign-data.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { sha256Hex } from '../../../shared/keys/signing.ts';
import { loadConfig } from '../../config.ts';
import type { ControlPlaneConfig } from '../../config-fields.ts';
import { startLocalEcs, type LocalEcs } from '../../localecs/start-local-ecs.ts';
import { startControlPlane } from '../../server.ts';
import { createToken } from '../../api/tokens/token-service.ts';
import { checkStart } from '../../check-start.ts';
import { localCluster } from '../../store/clusters/local-cluster.ts';
import type { Db } from '../../store/schema.ts';
import { addApiToken, findApiToken } from '../../store/settings/api-tokens.ts';
import type { WipClass } from '../../tasks/wip-class.ts';
import { readVersion } from '../../version.ts';
import { readPrivateFile } from '../client/private-file.ts';
import { createLauncher } from './agent-launcher.ts';
import { findDashboard } from './find-dashboard.ts';
import type { LauncherKind } from './launcher-kind.ts';

interface DevelopmentOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Settings that override file and environment. */
  readonly given: Parameters<typeof loadConfig>[0]['given'];
  readonly configFile?: string;
  /** The program that runs the containers; processes by default. */
  readonly launcher?: LauncherKind;
  readonly dockerNetwork?: string | undefined;
  /** Task classes beside those that are shipped. */
  readonly kinds?: readonly WipClass[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly onFatal?: (why: string) => void;
  /** Aborts the start and every wait when somebody asks the program to end. */
  readonly stop?: AbortSignal;
}

export interface Development {
  /** The address for agents and people: the public one where there is one. */
  readonly url: string;
  /** The address for programs of this machine. */
  readonly address: string;
  readonly token: Secret<string>;
  readonly localEcs: LocalEcs;
  readonly dataDirectory: string;
  close(): Promise<void>;
}

/**
 * A development system serves one person on one machine. The defaults that protect a fleet would only make that person
 * wait.
 */
const DEVELOPMENT_DEFAULTS = {
  mode: 'development',
  // The disk is the developer's own, who may fill it to the brim.
  max_disk_percent: 100,
  heartbeat_seconds: 5,
  sweep_seconds: 2,
  ask_after_seconds: 5,
} as const;

/** Starts everything on this machine: embedded database, local ECS with agents as processes, one node. */
export async function startDevelopment(options: DevelopmentOptions): Promise<Development> {
  const { clock, log } = options;
  const config = await developmentConfig(options);
  await checkStart(config, options.environment);
  const dataDirectory = resolve(config.data_dir);
  makeDataDirectory(dataDirectory);
  refuseForeignData(dataDirectory);
  const devFile = join(dataDirectory, 'dev.json');
  const token = readToken(devFile) ?? makeToken(devFile);
  let localEcs: LocalEcs | undefined;

  const controlPlane = await startControlPlane({
    ...options,
    config,
    version: readVersion(),
    findDashboard,
    loopbackToken: token,
    prepare: async ({ db, clusters }) => {
      const launcher = await createLauncher({ ...options, kind: options.launcher ?? 'process' });
      const started = await startLocalEcs({ directory: join(dataDirectory, 'ecs'), launcher, clock, log });
      localEcs = started;
      await clusters.saveMoved(localCluster(started));
      await allowToken(db, token);
      return () => started.close();
    },
  });
  if (!localEcs) throw new Error('local ECS was not started');
  // Commands on this machine send secrets to the address in this file. It is never the public address, whose name may resolve to
  // any machine.
  const address = reachableAddress(controlPlane.address);
  writePrivately(devFile, `${JSON.stringify({ url: address, token: token.reveal(), pid: process.pid })}\n`);
  return {
    url: controlPlane.url,
    address,
    token,
    localEcs,
    dataDirectory,
    async close() {
      try {
        await controlPlane.close();
      } finally {
        // The token stays with the directory, but the address is removed: it leads nowhere now.
        rmSync(devFile, { force: true });
      }
    },
  };
}

async function developmentConfig(options: DevelopmentOptions): Promise<ControlPlaneConfig> {
  const load = (given: DevelopmentOptions['given']): ControlPlaneConfig =>
    loadConfig({
      environment: options.environment,
      given: { ...DEVELOPMENT_DEFAULTS, ...given, ...options.given },
      ...(options.configFile === undefined ? {} : { file: options.configFile }),
    });
  const config = load({});
  if (options.launcher !== 'docker' || config.public_url !== undefined || !isLoopbackHost(config.host)) return config;
  // Within a container a loopback address means the container itself. Agents therefore report over http to this machine's address
  // in the containers' network, which only containers and this machine can reach.
  return load({ host: await addressForContainers(options), allow_http: true });
}

async function addressForContainers({ environment, dockerNetwork, clock }: DevelopmentOptions): Promise<string> {
  const { connectDocker, addressInNetwork } = await import('../../localecs/docker/connect-docker.ts');
  const docker = await connectDocker({ environment, network: null, clock });
  return addressInNetwork(docker, dockerNetwork ?? 'bridge');
}

/** Replaces the unspecified IPv6 address, on which a node may listen but to which clients cannot connect everywhere, with loopback. */
function reachableAddress(address: string): string {
  return address.replace('//[::]:', '//[::1]:');
}

function tokenFile(devFile: string): string {
  return devFile.replace(/dev\.json$/, 'token');
}

function makeDataDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o711 });
  } catch (cause) {
    throw new OperationalError('DATA_DIRECTORY_UNUSABLE', {
      happened: `The data directory ${directory} cannot be made: ${messageOf(cause)}`,
      remedy: 'Choose another with --data or WIP_DATA_DIR',
      cause,
    });
  }
}

/**
 * Returns the token of the last start with this directory; null when somebody else may have written the file, who would then know
 * the token.
 */
function readToken(devFile: string): Secret<string> | null {
  const file = tokenFile(devFile);
  const read = readPrivateFile(file, 'Make it readable, or choose another directory with --data');
  const text = read.kind === 'text' ? read.text.trim() : '';
  return text === '' ? null : new Secret(text);
}

/** Writes the token before it is shown to anybody, so that it stays the same even if this start fails. */
function makeToken(devFile: string): Secret<string> {
  const token = createToken();
  writePrivately(tokenFile(devFile), token.reveal());
  return token;
}

/** Replaces the file instead of overwriting it, because an existing file keeps its mode and owner. */
function writePrivately(file: string, text: string): void {
  rmSync(file, { force: true });
  writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
}

async function allowToken(db: Db, token: Secret<string>): Promise<void> {
  const tokenHash = sha256Hex(token.reveal());
  if (!(await findApiToken(db, tokenHash))) await addApiToken(db, { name: 'dev', role: 'admin', tokenHash });
}
