import { rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { DEPLOY_GIT_SSH_COMMAND, DEPLOY_KEY_FILE } from '../../../shared/protocol/build-export.ts';
import { readRegularFile } from '../../system/read-regular-file.ts';
import type { BuildDeps, CallerEnvironment } from '../build-deps.ts';
import { createGit } from '../git/git.ts';
import { findProgram, type TrustedProgram } from '../trusted-program.ts';

// A key has some 3 kB, and a list of hosts that was kept for years a few hundred.
const MAX_TEXT_BYTES = 10_000_000;

/** Everything that the push needs, as it was before the first step: nothing of it can come from the build. */
export interface DeployMeans {
  readonly git: TrustedProgram;
  readonly ssh: TrustedProgram | null;
  /** The private key of the deploy repository; null: the user's own ones. */
  readonly key: string | null;
  /** SSH command of the caller, who answers for what it runs; null: a command of this tool's own. */
  readonly sshCommand: string | null;
  /** Host keys that the user of the build knew, the one of the source among them. */
  readonly knownHosts: string;
  /** Settings of the machine for connections. */
  readonly settings: readonly (readonly [string, string])[];
  /** Variables for connections. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Settings taken from the machine's configuration (/etc/gitconfig): how to connect and log in, and none that chooses an
 * address.
 */
const SETTING =
  /^(?:http\.(?:.+\.)?(?:proxy\w*|ssl\w+|version|lowspeed\w+|postbuffer|schannel\w+)|credential\.(?:.+\.)?\w+)$/i;

/**
 * Variables taken from the environment: proxies and authorities, the caller's ssh-agent, and the mark by which the
 * agent finds us.
 */
const VARIABLE =
  /^(?:(?:https?|all|no)_proxy|SSL_CERT_FILE|SSL_CERT_DIR|GIT_SSL_CAINFO|GIT_SSL_CAPATH|SSH_AUTH_SOCK|WIP_PROCESS)$/i;

/** Reads what the push will need; called before the first step. */
export async function prepareDeploy(deps: BuildDeps, key: string | null): Promise<DeployMeans> {
  const searchPath = deps.environment['PATH'] ?? '';
  const git = findProgram('git', searchPath);
  if (git === null) {
    throw new OperationalError('GIT_MISSING', {
      happened: 'The program git was not found, and the artefact is to be pushed with it',
      remedy: 'Install git in the build image',
    });
  }
  return {
    git,
    ssh: findProgram('ssh', searchPath),
    key,
    sshCommand: (key === null && deps.environment[DEPLOY_GIT_SSH_COMMAND]) || null,
    knownHosts: await readKnownHosts(),
    settings: await machineSettings(deps),
    environment: connectionVariables(deps.environment),
  };
}

/** Reads the deploy key and deletes its file, so that no step finds it; null when the caller gave none. */
export async function takeDeployKey(environment: CallerEnvironment): Promise<string | null> {
  const path = environment[DEPLOY_KEY_FILE];
  if (!path) return null;
  try {
    const key = await readText(path);
    await rm(path);
    return key;
  } catch (cause) {
    throw new OperationalError('WORKSPACE_UNUSABLE', {
      happened: `The deploy key cannot be taken from ${path}: ${messageOf(cause)}`,
      remedy: `Name in ${DEPLOY_KEY_FILE} a file that the user of the build may read and delete`,
      cause,
    });
  }
}

/** Throws where the path leads to no regular file, or to one that is too large. */
async function readText(path: string): Promise<string> {
  const { bytes, isWhole } = await readRegularFile(path, MAX_TEXT_BYTES);
  if (isWhole) return bytes.toString();
  throw new Error(`it has more than ${MAX_TEXT_BYTES} bytes`);
}

/** OpenSSH looks in the home of the account, whatever HOME says; so does this. */
async function readKnownHosts(): Promise<string> {
  try {
    return await readText(join(userInfo().homedir, '.ssh', 'known_hosts'));
  } catch {
    return ''; // no host is known yet, or the user has no account
  }
}

async function machineSettings(deps: BuildDeps): Promise<(readonly [string, string])[]> {
  // Fails where there is no such file.
  const { exitCode, stdout } = await createGit(deps)(['config', '--system', '--null', '--list']);
  const lines = exitCode === 0 ? stdout.split('\0').filter((line) => line !== '') : [];
  return lines.flatMap((line) => {
    const [name = '', ...value] = line.split('\n');
    return SETTING.test(name) ? [[name, value.join('\n')] as const] : [];
  });
}

function connectionVariables(environment: CallerEnvironment): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && VARIABLE.test(name)) kept[name] = value;
  }
  return kept;
}
