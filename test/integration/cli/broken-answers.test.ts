import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startBreakingProxy, type BreakingProxy, type Passage } from '../../kit/network/breaking-proxy.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { findFreePort } from '../../kit/network/free-port.ts';
import { selfSigned } from '../../kit/network/self-signed.ts';
import { eventually } from '../../kit/eventually.ts';

let cli: CommandLine;
let proxy: BreakingProxy;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
  await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
  proxy = await startBreakingProxy(cli.url);
  cli.environment = { ...cli.environment, WIP_SERVER: proxy.url };
});
afterEach(async () => {
  await proxy.stop();
  await cli.close();
});

const SUCCESS = { status: 'COMPLETE', exitStatus: 'COMPLETED', exitMessage: 'The build succeeded.' } as const;

/** A command of each subject: what reads and what changes. */
const COMMANDS = [
  'tasks',
  'show 1',
  'wait 1',
  'logs 1',
  'logs 1 -f',
  'logs 1 --tail 3',
  'transcript 1',
  'terminate 1',
  'pause -t 1',
  'resume -t 1',
  'pause --all',
  'prioritise 1 HIGH',
  'groups',
  'clusters list',
  'clusters delete second',
  'definitions list',
  'tokens list',
  'tokens revoke 1',
  'audit',
  'doctor',
  'maintenance on',
  'config diff',
  'secrets rotate',
  'secrets status',
  'secrets build-keys',
  'check',
];

/** Commands whose first request is the change, and what shows whether it was made. */
const CHANGES = [
  ['add BasicWip', 'tasks --limit 5'],
  ['terminate 1', 'show 1'],
  ['pause -t 1', 'show 1'],
  ['prioritise 1 HIGH', 'show 1'],
  ['pause --all', 'groups'],
  ['resume --all', 'groups'],
  ['groups a --max 3', 'groups'],
  ['restart 1', 'show 1'],
  ['clusters use default', 'clusters list'],
  ['clusters delete default', 'clusters list'],
  ['tokens create bob --role viewer', 'tokens list'],
  ['tokens revoke 1', 'tokens list'],
  ['maintenance on', 'maintenance status'],
  ['maintenance off', 'maintenance status'],
  ['secrets rotate-build-key', 'secrets build-keys'],
] as const;

describe('an answer that breaks off', () => {
  it.each<Passage>(['reset', 'cut', 'page', 'nothing', 'gateway'])(
    'makes the control plane unavailable, and is no bug of wipctl (%s)',
    async (passage) => {
      proxy.passage = () => passage;
      for (const command of COMMANDS) {
        const { exitCode, err } = await cli.run(...command.split(' '));
        expect([exitCode, err], command).toEqual([69, expect.stringMatching(/\[CONTROL_PLANE_UNREACHABLE\]\n$/)]);
        expect(err, command).not.toContain('bug');
      }
    },
  );

  it('may be a refusal that nobody could read', async () => {
    proxy.passage = () => 'reset';
    expect(await cli.run('show', '99')).toMatchObject({ exitCode: 69 });
    expect((await cli.run('terminate', '1')).err).toContain('may have been done');
  });

  it.each<Passage>(['reset', 'cut', 'page', 'nothing', 'gateway'])(
    'of a change is not called unreachable: it may have been done, and how to look is said (%s)',
    async (passage) => {
      proxy.passage = () => passage;
      for (const [command, look] of CHANGES) {
        const { exitCode, err } = await cli.run(...command.split(' '));
        if (/ answered 4\d\d /.test(err)) continue; // a refusal whose end was cut: nothing was done
        expect([exitCode, err], command).toEqual([
          69,
          expect.stringContaining('What was asked for may have been done.'),
        ]);
        expect(err, command).toContain(`Before you try again, see "wipctl ${look}"`);
        expect(err, command).not.toMatch(/cannot be reached|Start it/);
      }
      for (const command of ['show 1', 'tasks', 'encrypt x', 'ecs reconcile']) {
        expect((await cli.run(...command.split(' '))).err, command).not.toContain('may have been done');
      }
    },
  );

  it('that never began, because nothing listens, has changed nothing', async () => {
    cli.environment = { ...cli.environment, WIP_SERVER: `http://127.0.0.1:${await findFreePort()}` };
    const { exitCode, err } = await cli.run('terminate', '1');
    expect([exitCode, err]).toEqual([69, expect.stringContaining('cannot be reached: connect ECONNREFUSED')]);
    expect(err).not.toContain('may have been done');
  });

  it('is told on one line where an address with https is that of a server without TLS', async () => {
    cli.environment = { ...cli.environment, WIP_SERVER: proxy.url.replace('http:', 'https:') };
    const { exitCode, err } = await cli.run('tasks');
    expect([exitCode, err]).toEqual([
      69,
      expect.stringMatching(/^wipctl: .*TLS failed with "[a-z ]+"; .* begins with http:\/\/.*\n$/),
    ]);
  });

  it('that never began, because fetch calls no server at that port, says so', async () => {
    cli.environment = { ...cli.environment, WIP_SERVER: 'http://127.0.0.1:6667' };
    const { exitCode, err } = await cli.run('tasks');
    expect([exitCode, err]).toEqual([69, expect.stringContaining('its port belongs to another protocol')]);
  });

  it('that never began, because nobody vouches for the certificate, says how to trust its authority', async () => {
    const server = createServer(selfSigned()).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    cli.environment = { ...cli.environment, WIP_SERVER: `https://localhost:${port}` };
    const { exitCode, err } = await cli.run('terminate', '1');
    expect([exitCode, err]).toEqual([
      69,
      expect.stringMatching(/cannot be trusted: its certificate is signed by itself\. .*NODE_EXTRA_CA_CERTS=FILE/),
    ]);
    expect(err).not.toMatch(/may have been done|Start it/);
  });

  it('does not end "wipctl wait": it asks again', async () => {
    const broken: Passage[] = ['whole', 'reset', 'cut', 'page'];
    proxy.passage = (number) => broken[number - 1] ?? 'whole';
    const waiting = cli.run('wait', '1');
    await eventually('the loss', () => cli.err.text.includes('trying again'));
    cli.services.change(1, SUCCESS);
    expect(await waiting).toMatchObject({ exitCode: 0, out: expect.stringContaining('The build succeeded.') });
  });

  it('does not end "wipctl logs -f": it goes on where it was', async () => {
    const broken: Passage[] = ['whole', 'reset', 'cut', 'page'];
    let streams = 0;
    proxy.passage = (_, url) => (url.includes('/stream') ? (broken[(streams += 1)] ?? 'whole') : 'whole');
    cli.services.change(1, SUCCESS);
    const { exitCode, err } = await cli.run('logs', '1', '-f');
    expect([exitCode, err]).toEqual([0, '']);
    expect(streams).toBe(broken.length);
  });
});
