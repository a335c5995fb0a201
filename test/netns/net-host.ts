import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { z } from 'zod';
import { isRequired } from '../kit/lacking.ts';

const IP = '/usr/sbin/ip';
const NSENTER = '/usr/bin/nsenter';
const UNSHARE = '/usr/bin/unshare';
const IPTABLES = '/usr/sbin/iptables';
const TC = '/usr/sbin/tc';
const PROGRAMS = { [IP]: 'iproute2', [TC]: 'iproute2', [IPTABLES]: 'iptables', [NSENTER]: 'util-linux' };
// Whatever the links of test/netns/container-link.ts need of the kernel.
const TRY = `
${IP} link add try0 type veth peer name try1
${IPTABLES} -t raw -A PREROUTING -i try0 -j DROP
${IPTABLES} -t nat -A POSTROUTING -o try0 -j MASQUERADE
${IPTABLES} -A INPUT -p tcp -j REJECT --reject-with tcp-reset
${TC} qdisc add dev try0 root tbf rate 256kbit burst 4kb latency 1s
`;
// The namespace lasts as long as this shell, which ends with its standard input: a test that is killed leaves nothing.
const HOLD = `${IP} link set lo up && echo up && exec cat`;

/**
 * Returns why this machine can have no hosts with networks of their own, or undefined. With `netns` in WIP_REQUIRE that is
 * an error for root.
 */
export function whyNoNetHosts(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const why = findObstacle();
  if (why !== undefined && isRequired('netns')) throw new Error(`network namespaces are required here: ${why}`);
  return why;
}

function findObstacle(): string | undefined {
  const missing = Object.entries(PROGRAMS).find(([program]) => !existsSync(program));
  if (missing) return `needs ${missing[0]}, install it with apt-get install ${missing[1]}`;
  const { status, stderr } = spawnSync(UNSHARE, ['--net', '--', '/bin/sh', '-ec', TRY], { encoding: 'utf8' });
  return status === 0
    ? undefined
    : `needs a machine that allows network namespaces, with their links, filters and queues: ${stderr.trim()}`;
}

/** The answer of `ip -json -details link show`, as far as it is needed. */
const Links = z.array(
  z.object({ ifname: z.string(), linkinfo: z.object({ info_kind: z.string().optional() }).optional() }),
);

/** A network namespace: a host with loopback, the links it is given, and no way out. */
export class NetHost {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  static async start(): Promise<NetHost> {
    const holder = spawn(UNSHARE, ['--net', '--', '/bin/sh', '-c', HOLD], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [said]: unknown[] = await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
    if (!Buffer.isBuffer(said)) throw new Error(`no network namespace was made (${String(said)})`);
    return new NetHost(holder);
  }

  /** Pid of a process in the namespace. */
  get pid(): number {
    return this.#holder.pid ?? 0;
  }

  /** Runs a program of this machine in the network of the host. Returns its output. */
  run(program: string, ...argv: readonly string[]): string {
    const [enter, ...args] = inNetworkOf(this.pid, [program, ...argv]);
    return execFileSync(enter ?? '', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  ip(words: string): string {
    return this.run(IP, ...words.split(' '));
  }

  iptables(words: string): void {
    this.run(IPTABLES, '--wait', ...words.split(' '));
  }

  tc(words: string): void {
    this.run(TC, ...words.split(' '));
  }

  /** Lets the host forward packets between its links. */
  forward(): void {
    this.run('/bin/sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward');
  }

  /** Throws unless nothing can leave: no default route in any table, and no link but veth and loopback. */
  requireNoWayOut(): void {
    const routes = ['-4', '-6'].flatMap((family) => this.ip(`${family} route show table all`).split('\n'));
    const leading = routes.filter((route) => /\bdefault\b|\b0\.0\.0\.0\/0\b|\s::\/0\b/.test(route));
    if (leading.length > 0) throw new Error(`the namespace has a default route: ${leading.join('; ')}`);
    const links = Links.parse(JSON.parse(this.ip('-json -details link show')));
    const others = links.filter(
      ({ ifname, linkinfo }) => ifname !== 'lo' && linkinfo?.info_kind !== 'veth' && !isUnused(this, ifname),
    );
    if (others.length > 0) throw new Error(`the namespace has another link: ${others.map((l) => l.ifname).join(', ')}`);
  }

  async close(): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const ended = once(this.#holder, 'exit');
    this.#holder.kill('SIGKILL');
    await ended;
  }
}

/** Returns the command line of a program in the network of the host that this process is in. */
export function inNetworkOf(pid: number, command: readonly string[]): readonly string[] {
  return [NSENTER, `--net=/proc/${pid}/ns/net`, '--', ...command];
}

/** Some kernels give each namespace tunnel devices of their own. They are down, and lead nowhere. */
function isUnused(host: NetHost, link: string): boolean {
  return host.ip(`link show dev ${link} up`).trim() === '';
}
