import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import Docker from 'dockerode';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { LATE, withinTime } from '../../../shared/time/within-time.ts';

const DEFAULT_HOST = 'unix:///var/run/docker.sock';
/** An engine answers a ping in milliseconds, unless it is starting. */
const PING_TIMEOUT_MS = 10_000;

interface ConnectDockerOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A network of the engine that must be there. */
  readonly network: string | null;
  readonly clock: Clock;
}

/** Connects to the container engine in DOCKER_HOST and makes sure that it answers. Throws DOCKER_UNAVAILABLE. */
export async function connectDocker({ environment, network, clock }: ConnectDockerOptions): Promise<Docker> {
  const host = environment['DOCKER_HOST'] || DEFAULT_HOST;
  const docker = new Docker(addressOf(host));
  const answer = await withinTime(docker.ping(), { clock, limitMs: PING_TIMEOUT_MS }).catch((cause: unknown) => {
    throw unavailable(`No container engine answers at ${host}: ${messageOf(cause)}`, cause);
  });
  if (answer === LATE)
    throw unavailable(`The container engine at ${host} has not answered for ${PING_TIMEOUT_MS / 1000} s`);
  if (network !== null) await checkNetwork(docker, network);
  return docker;
}

/**
 * Returns the address that this machine has in a bridge network of the engine, by its own interfaces: an engine on another
 * machine gives it none, and Docker names no gateway of its default network. Throws DOCKER_UNAVAILABLE.
 */
export async function addressInNetwork(docker: Docker, network: string): Promise<string> {
  await checkNetwork(docker, network);
  const { IPAM: ipam } = (await docker.getNetwork(network).inspect()) as Docker.NetworkInspectInfo;
  const subnets = new BlockList();
  for (const { Subnet: subnet } of ipam?.Config ?? []) {
    const [address = '', bits] = subnet?.split('/') ?? [];
    if (isIPv4(address)) subnets.addSubnet(address, Number(bits));
  }
  const own = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const found = own.find(({ address, family }) => family === 'IPv4' && subnets.check(address));
  if (found) return found.address;
  throw new OperationalError('DOCKER_UNAVAILABLE', {
    happened: `This machine has no IPv4 address in the network ${network} of the container engine`,
    remedy: 'Name a bridge network of an engine on this machine, or set public_url to an address that containers reach',
  });
}

function addressOf(host: string): Docker.DockerOptions {
  const [, scheme, rest = ''] = /^(unix|tcp|http):\/\/(.+)$/.exec(host) ?? [];
  if (scheme === 'unix') return { socketPath: rest };
  const url = scheme === undefined ? null : URL.parse(`http://${rest}`);
  // Port 2375 is the one without TLS.
  if (url) return { protocol: 'http', host: url.hostname, port: url.port === '' ? 2375 : Number(url.port) };
  throw unavailable(`DOCKER_HOST is ${host}, which is neither unix:// nor tcp://`);
}

async function checkNetwork(docker: Docker, network: string): Promise<void> {
  try {
    await docker.getNetwork(network).inspect();
  } catch (cause) {
    throw new OperationalError('DOCKER_UNAVAILABLE', {
      happened: `The container engine has no network ${network}: ${messageOf(cause)}`,
      remedy: `Make it with "docker network create ${network}", or name another`,
      cause,
    });
  }
}

function unavailable(happened: string, cause?: unknown): OperationalError {
  return new OperationalError('DOCKER_UNAVAILABLE', {
    happened,
    remedy:
      'Start Docker or Podman, or set DOCKER_HOST to its socket, such as unix:///run/user/1000/podman/podman.sock; the ' +
      'user of this program must be allowed to use it',
    ...(cause !== undefined && { cause }),
  });
}
