import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';

const DOCKER = '/usr/bin/docker';
const DOCKERD = '/usr/sbin/dockerd';
const PROGRAMS = { [DOCKER]: 'docker.io', [DOCKERD]: 'docker.io', '/usr/sbin/runc': 'runc', '/usr/bin/dpkg': 'dpkg' };
/** What an engine with networks of its own needs besides. */
const NETWORK_PROGRAMS = {
  '/usr/sbin/iptables': 'iptables',
  '/usr/bin/ip': 'iproute2',
  '/usr/bin/unshare': 'util-linux',
};
/** Packages of this machine that an image of the agent is made of: a test can reach no registry. */
const PACKAGES = [
  ...['base-files', 'base-passwd', 'bash', 'coreutils', 'dash', 'debianutils', 'findutils', 'grep', 'login', 'mawk'],
  ...['passwd', 'perl-base', 'procps', 'sed', 'util-linux', 'git', 'libstdc++6', 'openssh-client', 'tini'],
];
/** Directories that are links on Debian since its 12th release. Packages still name files through them. */
const MERGED = /^\/(bin|sbin|lib|lib64)\//;

/** A shell, the usual programs and perl: enough for containers that run scripts, and imported in a second. */
export const SMALL_BASE = ['base-files', 'base-passwd', 'coreutils', 'dash', 'libc-bin', 'perl-base', 'util-linux'];

/**
 * An engine with all images of the tests takes 2 GB, and they are written and thrown away: in memory, if there is room. A
 * disk takes longer to write them than the tests take to run.
 */
const MOST_NEEDED_BYTES = 8 * 2 ** 30;

/**
 * The network of an engine. `machine`: containers share that of this machine, where the test listens on loopback. `own`:
 * dockerd is in a network namespace that has no other interface than loopback, so its bridges lead nowhere.
 */
type EngineNetwork = 'machine' | 'own';

/** Returns why no container engine can be started here, or undefined. */
export function whyNoEngine(network: EngineNetwork = 'machine'): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const programs = Object.entries(network === 'own' ? { ...PROGRAMS, ...NETWORK_PROGRAMS } : PROGRAMS);
  const missing = programs.find(([program]) => !existsSync(program));
  return missing && `needs ${missing[0]}, install it with apt-get install ${missing[1]}`;
}

/** A dockerd for this test run alone: own socket, own images. */
export class DockerEngine {
  readonly #directory: string;
  readonly #daemon: ChildProcess;
  #log = '';

  private constructor(directory: string, network: EngineNetwork) {
    this.#directory = directory;
    const places = ['data-root', 'exec-root'].map((name) => `--${name}=${join(directory, name)}`);
    const noNetworks = network === 'own' ? [] : ['--bridge=none', '--iptables=false', '--ip6tables=false'];
    const argv = [...places, ...noNetworks, `--host=${this.host}`, `--pidfile=${join(directory, 'pid')}`];
    const apart = ['--net', '--', '/bin/sh', '-c', '/usr/bin/ip link set lo up && exec "$@"', 'sh'];
    const [program, before] = network === 'own' ? ['/usr/bin/unshare', [...apart, DOCKERD]] : [DOCKERD, []];
    this.#daemon = spawn(program, [...before, ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#daemon.stderr?.on('data', (data: Buffer) => (this.#log += data.toString()));
  }

  static async start(network: EngineNetwork = 'machine'): Promise<DockerEngine> {
    const directory = mkdtempSync('/var/tmp/wip-docker-');
    if (process.availableMemory() >= MOST_NEEDED_BYTES) {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=700', 'wip-docker', directory]);
    }
    const engine = new DockerEngine(directory, network);
    await eventually('dockerd', () => {
      if (engine.#daemon.exitCode !== null) throw new Error(`dockerd ended: ${engine.#log.slice(-1_000)}`);
      return engine.#log.includes('API listen on');
    });
    return engine;
  }

  get socketPath(): string {
    return join(this.#directory, 'docker.sock');
  }

  get host(): string {
    return `unix://${this.socketPath}`;
  }

  /** Returns the command line of a program that runs in the network of an engine that has its own. */
  inNetwork(...command: readonly string[]): [string, string[]] {
    return ['/usr/bin/nsenter', [`--net=/proc/${this.#daemon.pid}/ns/net`, '--', ...command]];
  }

  /** Runs the client to its end and returns its output. */
  docker(...argv: readonly string[]): string {
    const env = { ...process.env, DOCKER_HOST: this.host };
    return execFileSync(DOCKER, argv, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }

  /** Imports an image of this machine's packages. */
  importBase(name: string, packages: readonly string[] = PACKAGES): void {
    const list = join(this.#directory, 'files');
    writeFileSync(list, filesOf(packages).join('\n'));
    const archive = join(this.#directory, 'base.tar');
    execFileSync('tar', ['--no-recursion', '-C', '/', '-cf', archive, '-T', list], { stdio: 'pipe' });
    this.docker('import', archive, name);
    rmSync(archive);
  }

  /** Builds an image from these files and directories, given by their path in the context. */
  build(
    tag: string,
    dockerfile: string,
    files: Readonly<Record<string, string>>,
    base: string,
    more: readonly string[] = [],
  ): void {
    const context = mkdtempSync(join(this.#directory, 'context-'));
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(join(context, path, '..'), { recursive: true });
      execFileSync('cp', ['--archive', source, join(context, path)]);
    }
    const options = ['--quiet', '--network=host', `--build-arg=BASE=${base}`, `--tag=${tag}`, ...more];
    this.docker('build', ...options, `--file=${join(context, dockerfile)}`, context);
    rmSync(context, { recursive: true });
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#daemon.once('close', resolve));
    if (this.#daemon.exitCode === null && this.#daemon.kill('SIGTERM')) await ended;
    // dockerd leaves the namespaces of its exec root mounted.
    for (const path of mountsOf(this.#directory)) execFileSync('umount', ['--lazy', path]);
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Returns what is mounted at or below the directory, the deepest first. */
function mountsOf(directory: string): string[] {
  const places = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return places.filter((path) => `${path}/`.startsWith(`${directory}/`)).reverse();
}

function filesOf(names: readonly string[]): string[] {
  const installed = new Set(
    lines('dpkg-query', ['-W', '-f', '${binary:Package} ${db:Status-Abbrev}\n'])
      .filter((line) => line.includes(' ii'))
      .map((line) => line.replace(/[: ].*/, '')),
  );
  const needed = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (needed.has(name) || !installed.has(name)) continue;
    needed.add(name);
    const [depends = ''] = lines('dpkg-query', ['-W', '-f', '${Pre-Depends}, ${Depends}\n', name]);
    queue.push(...depends.split(/[,|]/).map((one) => one.trim().replace(/[: ].*/, '')));
  }
  const owned = [...needed]
    .flatMap((name) => lines('dpkg-query', ['-L', name]))
    .filter((path) => path.startsWith('/') && !/^\/usr\/share\/(doc|man|locale)\//.test(path))
    .map((path) => path.replace(MERGED, '/usr/$1/'));
  const made = ['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/ssl/certs/ca-certificates.crt', '/usr/bin/awk'];
  const links = ['/bin', '/sbin', '/lib', '/lib64', '/etc/alternatives', '/etc/alternatives/awk'];
  const all = ['/usr', '/usr/bin', '/usr/sbin', '/usr/lib', '/usr/lib64', '/tmp', ...links, ...owned.sort(), ...made];
  return [...new Set(all)].filter((path) => path !== '/.' && existsSync(path)).map((path) => path.slice(1));
}

function lines(program: string, argv: readonly string[]): string[] {
  const text = execFileSync(program, argv, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return text.split('\n').filter((line) => line !== '');
}
