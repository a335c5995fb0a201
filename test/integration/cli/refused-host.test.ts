import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { serveOnLoopback } from '../../kit/network/loopback-server.ts';
import { SocketRelay } from '../../kit/network/socket-relay.ts';

let cli: CommandLine;
/** A plain forward: requests name its port, and not that of the server behind it. */
let forward: SocketRelay;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
  await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
  forward = await SocketRelay.open({ port: 0, host: '127.0.0.1' }, { port: Number(new URL(cli.url).port) });
  cli.environment = { ...cli.environment, WIP_SERVER: `http://127.0.0.1:${forward.port}` };
});
afterEach(async () => {
  await forward.close();
  await cli.close();
});

describe('a request for a host that the server is not known by', () => {
  it.each([
    'add BasicWip',
    'terminate 1',
    'prioritise 1 HIGH',
    'groups a --max 3',
    'tokens create bob --role viewer',
    'clusters delete second',
    'encrypt x',
    'tasks',
    'show 1',
  ])('is told as refused, and never as what may have been done: %s', async (command) => {
    const { exitCode, err } = await cli.run(...command.split(' '));
    expect(err).toContain(`for the host "127.0.0.1:${forward.port}", and this server is not known by that name`);
    expect(err).toContain('[HOST_REFUSED]');
    expect(err).not.toContain('may have been done');
    expect(exitCode).not.toBe(0);
  });
});

it('a redirect is not followed, and its answer is told: the token and the change go to no other server', async () => {
  let calls = 0;
  const elsewhere = await serveOnLoopback((_asked, answer) => {
    calls += 1;
    answer.writeHead(307, { location: cli.url }).end();
  });
  cli.environment = { ...cli.environment, WIP_SERVER: elsewhere.url };
  for (const command of ['add BasicWip', 'show 1']) {
    const { err } = await cli.run(...command.split(' '));
    expect(err, command).toContain(
      `${elsewhere.url} answered 307 Temporary Redirect, which is not an answer of Wip. Check --server`,
    );
  }
  expect(calls).toBe(2);
  await elsewhere.stop();
});
