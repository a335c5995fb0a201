import { isIP } from 'node:net';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { REPOSITORY_HOSTS } from '../../../shared/protocol/build-export.ts';
import { parseRepositoryAddress, type RepositoryAddress } from '../../../shared/repository/repository-address.ts';
import {
  parseRepositoryHosts,
  whyAddressRefused,
  whyHostRefused,
} from '../../../shared/repository/repository-hosts.ts';
import type { BuildDeps } from '../build-deps.ts';
import { GitFailure } from './explain-git-failure.ts';
import { BuildAborted, isLocalRepository, withoutPassword, type Git } from './git.ts';

/** Returns a git that may speak to this repository, and to no other. Throws REPOSITORY_REFUSED. */
export type RepositoryGuard = (git: Git, uri: string) => Promise<Git>;

type Host = Extract<RepositoryAddress, { kind: 'host' }>;

/** For people who use the build tool by itself: their paths are their own. */
const DEFAULT_RULES = 'local';
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'];

/**
 * The author of a task, or of a .gitmodules, names machines that a command of ours then speaks to. The name is looked
 * up here, its addresses are judged, and git is tied to them, so that a second look-up cannot answer something else.
 */
export function createRepositoryGuard(deps: BuildDeps): RepositoryGuard {
  const rules = parseRepositoryHosts(deps.environment[REPOSITORY_HOSTS] ?? DEFAULT_RULES);
  return async (git, uri) => {
    const known = whyAddressRefused(rules, uri);
    if (known !== null) throw refusal(uri, known);
    const parsed = parseRepositoryAddress(uri);
    if (parsed.kind !== 'host') return restricted(git, 'file', []);
    const addresses = await findAddresses(deps, parsed, uri);
    const why = whyHostRefused(rules, parsed.host, addresses);
    if (why !== null) throw refusal(uri, why);
    return restricted(git, protocolOf(parsed), pins(parsed, addresses));
  };
}

/**
 * A repository that comes over the network has no business with the files of this machine (as git has it by default).
 */
export function guardSubmodules(guard: RepositoryGuard, sourceUri: string): RepositoryGuard {
  if (isLocalRepository(sourceUri)) return guard;
  return async (git, uri) => {
    if (isLocalRepository(uri)) throw refusal(uri, 'it is a submodule with a path, of a repository that has none');
    return guard(git, uri);
  };
}

/** GIT_ALLOW_PROTOCOL is over every configuration, and holds for what git itself starts. */
function restricted(git: Git, protocol: string, pinned: readonly string[]): Git {
  return (args, options) =>
    git([...pinned, ...args], { ...options, environment: { ...options?.environment, GIT_ALLOW_PROTOCOL: protocol } });
}

function protocolOf({ scheme }: Host): string {
  return scheme.includes('ssh') ? 'ssh' : scheme;
}

/** curl's --resolve, which git knows since 2.37; older ones ignore it. */
function pins({ scheme, host, port }: Host, addresses: readonly string[] | null): string[] {
  if (addresses === null || isIP(host) !== 0 || !scheme.startsWith('http')) return [];
  const listed = addresses.map((address) => (isIP(address) === 6 ? `[${address}]` : address)).join(',');
  return ['-c', `http.curloptResolve=${host}:${port}:${listed}`];
}

async function findAddresses(deps: BuildDeps, { scheme, host }: Host, uri: string): Promise<readonly string[] | null> {
  if (isIP(host) !== 0) return [host];
  try {
    return await unlessAborted(deps.lookupHost(host), deps.abort);
  } catch (cause) {
    if (cause instanceof BuildAborted) throw cause;
    // A proxy looks the name up itself, and for ssh it may be an alias of its configuration.
    const isElsewhere = PROXY_VARIABLES.some((name) => deps.environment[name]);
    if (isElsewhere || scheme.includes('ssh')) return null;
    throw new GitFailure('GIT_FAILED', 'unreachable', {
      happened: `The repository ${withoutPassword(uri)} cannot be read: the address of ${host} is unknown: ${messageOf(cause)}`,
      remedy: 'Check the address, and that containers can look names up',
    });
  }
}

function unlessAborted<T>(promise: Promise<T>, abort: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new BuildAborted());
    if (abort.aborted) giveUp();
    abort.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => abort.removeEventListener('abort', giveUp));
  });
}

function refusal(uri: string, why: string): OperationalError {
  return new OperationalError('REPOSITORY_REFUSED', {
    happened: `The repository ${withoutPassword(uri)} is not read or written: ${why}`,
    remedy: 'Give the address of a git server; an operator can allow or deny hosts with repository_hosts',
  });
}
