import { describe, expect, it } from 'vitest';
import { standbyCommand, type StandbyRequest } from '../../../agent/process/decide-standby.ts';

const ACCOUNT = { name: 'local', uid: 1_000, gid: 1_000, home: '/home/local', shell: '/bin/sh', groups: [7] };
const STANDBY = { account: ACCOUNT, cwd: '/home/local', language: 'C.UTF-8' };
const EXPORT: StandbyRequest = {
  body: { command: ['wip-agent', 'build', 'export', '--workspace', 'it is here'] },
  account: { ...ACCOUNT, groups: [7] },
  cwd: '/home/local',
  environment: { LANG: 'C.UTF-8', PATH: '/usr/bin', NODE_ENV: 'production', WIP_PROCESS: 'a mark' },
};

const taken = (request: Partial<StandbyRequest>): unknown => standbyCommand({ ...EXPORT, ...request }, STANDBY);
const withCommand = (...command: string[]): Partial<StandbyRequest> => ({ body: { command } });
const withVariable = (name: string): Partial<StandbyRequest> => ({
  environment: { ...EXPORT.environment, [name]: 'value' },
});

describe('a build tool that waits', () => {
  it('takes a command of the build tool with its arguments as they are', () => {
    expect(taken({})).toEqual({ program: 'wip-agent', argv: ['export', '--workspace', 'it is here'] });
    expect(taken(withCommand('/opt/wip-agent', 'build'))).toEqual({ program: '/opt/wip-agent', argv: [] });
  });

  it.each<[string, Partial<StandbyRequest>]>([
    ['a line for the shell', { body: { command: { shell: 'wip-agent build export' } } }],
    ['another command of the agent', withCommand('wip-agent', 'status')],
    ['a command to wait', withCommand('wip-agent', 'build', 'standby')],
    ['a command with input', { body: { ...EXPORT.body, stdin: '' } }],
    ['a command of another user', { account: { ...ACCOUNT, name: 'root', uid: 0 } }],
    ['a command with other groups', { account: { ...ACCOUNT, groups: [] } }],
    ['a command in another directory', { cwd: '/srv' }],
    ['another language', { environment: { ...EXPORT.environment, LANG: 'de_DE.UTF-8' } }],
    ...[
      'LD_PRELOAD',
      'LD_DEBUG',
      'NODE_OPTIONS',
      'NODE_EXTRA_CA_CERTS',
      'UV_THREADPOOL_SIZE',
      'GLIBC_TUNABLES',
      'LC_ALL',
    ].map((name): [string, Partial<StandbyRequest>] => [
      `${name}, which is read when a program starts`,
      withVariable(name),
    ]),
  ])('does not take %s', (_what, request) => {
    expect(taken(request)).toBeUndefined();
  });
});
