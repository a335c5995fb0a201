import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildExportFailure, type ToldGitFailure } from '../../../shared/protocol/git-failure.ts';
import { skipped } from '../../kit/agent/agent-suite.ts';
import { BuildPlace, stepOf, type BuildOutcome } from '../../kit/builds/build-place.ts';
import { eventually } from '../../kit/eventually.ts';
import { findFreePort } from '../../kit/network/free-port.ts';
import { lacking } from '../../kit/lacking.ts';

const SSHD = '/usr/sbin/sshd';
const BRANCH = 'pipelines-build-main';

let place: BuildPlace;
let server: ChildProcess;
let port: number;

function makeKey(name: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', place.path(name)]);
}

function isListening(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function startSshd(): Promise<void> {
  makeKey('host');
  makeKey('deploy');
  makeKey('other');
  port = await findFreePort();
  const settings = [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${place.path('host')}`,
    `AuthorizedKeysFile ${place.path('deploy.pub')}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'StrictModes no',
    'PidFile none',
    // Nothing of this machine's ~/.bashrc, which bash reads when sshd starts it.
    'SetEnv SHLVL=1',
  ];
  place.write({ sshd_config: `${settings.join('\n')}\n` });
  server = spawn(SSHD, ['-D', '-e', '-f', place.path('sshd_config')], { stdio: 'ignore' });
  await eventually('that sshd listens', isListening);
}

async function build(commands: readonly string[], key: string): Promise<BuildOutcome> {
  place.repository('source', { 'acquia-pipelines.yaml': stepOf(...commands) });
  const common = ['--source-path', 'main', '--workspace', 'workspace'];
  expect(await place.build(['export', '--source-uri', 'source', ...common])).toMatchObject({ exitCode: 0 });
  execFileSync('cp', [place.path(key), place.path('key')]);
  const uri = `ssh://${userInfo().username}@127.0.0.1:${port}${place.path('deploy.git')}`;
  const environment = {
    HOME: place.path('home'),
    GIT_CONFIG_GLOBAL: undefined,
    GIT_SSH_COMMAND: 'ssh-of-the-steps',
    WIP_DEPLOY_KEY_FILE: place.path('key'),
  };
  return place.build(['run', ...common, '--deploy-uri', uri], { environment });
}

const reason = lacking('openssh', existsSync(SSHD), 'openssh-client openssh-server');

describe.skipIf(reason)(`an artefact that is deployed over SSH${skipped(reason)}`, () => {
  beforeEach(async () => {
    place = new BuildPlace();
    place.bareRepository('deploy.git');
    mkdirSync(place.path('home'));
    await startSshd();
  });
  afterEach(() => {
    server.kill();
    place.remove();
  });

  it('uses the deploy key, and no SSH command, key file or program of the steps', async () => {
    const outcome = await build(
      [
        'git config --global core.sshCommand "touch $HOME/hooked; false"',
        'git config --global ssh.variant simple',
        `cp ${place.path('other')} ${place.path('key')}`,
        `printf "%s\\n" "exec touch ~/hooked" > ${place.path('git-ssh-deploy')}`,
      ],
      'deploy',
    );
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout).toContain(`commit ${place.git('deploy.git', 'rev-parse', BRANCH)} pushed`);
    expect(existsSync(place.path('home', 'hooked'))).toBe(false);
  });

  it('is refused to another key, with the rights as the remedy', async () => {
    const outcome = await build(['true'], 'other');
    expect(outcome).toMatchObject({ exitCode: 1 });
    expect(outcome.stderr).toMatch(
      /^GIT_FAILED: The deploy repository .*Permission denied.* Check that the deploy key, [^\r\n]+\n$/,
    );
  });

  it('as a source whose host key has changed is no error of the user; to a stranger it is one of the user', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('true') });
    const { [0]: type, [1]: other } = readFileSync(place.path('other.pub'), 'utf8').split(' ');
    place.write({ known_hosts: `[127.0.0.1]:${port} ${type} ${other}\n` });
    const failureWith = async (options: string): Promise<ToldGitFailure> => {
      const ssh = `ssh -F /dev/null -o BatchMode=yes -i ${place.path('other')} -o IdentitiesOnly=yes ${options}`;
      const uri = `ssh://${userInfo().username}@127.0.0.1:${port}${place.path('source')}`;
      const argv = ['export', '--source-uri', uri, '--source-path', 'main', '--workspace', 'workspace'];
      const outcome = await place.build(argv, { environment: { GIT_SSH_COMMAND: ssh } });
      expect(outcome.stderr).toMatch(/^GIT_FAILED: [^\r\n]+\n$/);
      return BuildExportFailure.parse(JSON.parse(outcome.stdout)).failure;
    };
    const changed = `-o UserKnownHostsFile=${place.path('known_hosts')} -o StrictHostKeyChecking=accept-new`;
    expect(await failureWith(changed)).toMatchObject({ kind: 'host-key', fault: 'system' });
    const trusting = '-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no';
    expect(await failureWith(trusting)).toMatchObject({ kind: 'access-denied', fault: 'user' });
  });
});
