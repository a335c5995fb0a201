import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RotationAnswer } from '../../../controlplane/api/secrets/secret-views.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
});
afterEach(() => cli.close());

function answer(changes: Partial<RotationAnswer>): RotationAnswer {
  return { ...cli.services.secrets, rewrapped: 0, ...changes };
}

describe('wipctl secrets rotate', () => {
  it('goes on until every value is under the new key, and then says that the old one can be removed', async () => {
    const waitingFor = ['12 values under the master key 0000000b', 'node b, which has not switched yet'];
    cli.services.rotations.push(
      answer({ isDone: false, waitingFor, rewrapped: 400 }),
      answer({ rewrapped: 12, keys: [{ id: '0000000a', values: 412 }] }),
    );
    const { exitCode, out, err } = await cli.run('secrets', 'rotate');
    expect(exitCode).toBe(0);
    expect(err).toBe(`Waiting for ${waitingFor.join('; ')}.\n`);
    expect(out).toMatch(
      /^All 412 sealed values are under the master key 0000000a; 412 were brought there now\. Every other /,
    );
    expect(out).toContain('can be removed from the nodes');
    expect(cli.services.rotatedTo).toEqual(['0000000a', '0000000a']);
  });

  it('prints one object for programs', async () => {
    cli.services.rotations.push(answer({ rewrapped: 5 }));
    expect(JSON.parse((await cli.run('secrets', 'rotate', '--json')).out)).toMatchObject({
      isDone: true,
      rewrapped: 5,
    });
  });

  it('does not say that anything can be removed when it is interrupted', async () => {
    cli.services.rotations.push(answer({ isDone: false, waitingFor: ['node b, which has not switched yet'] }));
    cli.interrupt.abort();
    const { exitCode, out, err } = await cli.run('secrets', 'rotate');
    expect([exitCode, out]).toEqual([130, '']);
    expect(err).toContain('Not done yet: keep every master key, and run it again.');
  });

  it('is refused while a node lacks the key', async () => {
    cli.services.secrets = { ...cli.services.secrets, nodes: [{ name: 'b', masterKeys: null, sealingWith: null }] };
    const { exitCode, err } = await cli.run('secrets', 'rotate');
    expect(exitCode).toBe(4);
    expect(err).toContain('[MASTER_KEY_NOT_EVERYWHERE]');
  });
});

describe('wipctl secrets status', () => {
  it('says which keys seal what, and which nodes have them', async () => {
    const { out } = await cli.run('secrets', 'status');
    expect(out).toMatch(
      /^MASTER KEY +SEALS +VALUES\n0000000a +yes +1\n\nNODE +HAS +SEALS WITH IT\nnode-a +0000000a +yes\n/,
    );
    expect(out).toContain('Every other master key can be removed.');
    cli.services.secrets = {
      ...cli.services.secrets,
      isDone: false,
      waitingFor: ['node b, which has not switched yet'],
    };
    expect((await cli.run('secrets', 'status')).out).toContain('Missing: node b, which has not switched yet.');
  });

  it.each([['rotate'], ['status']])('%s has an example', async (name) => {
    expect((await cli.run('secrets', name, '--help')).out).toContain(`Examples:\n  $ wipctl secrets ${name}`);
  });
});

describe('wipctl secrets rotate-build-key, build-keys', () => {
  it('make a key that seals from now on, and list all of them', async () => {
    const { out } = await cli.run('secrets', 'rotate-build-key');
    expect(out).toBe('Values are sealed with the key key-2 from now on; 2 keys open them.\n');
    const listed = (await cli.run('secrets', 'build-keys')).out;
    expect(listed).toMatch(/^BUILD KEY +SEALS +CREATED\nkey-2 +yes +-\nkey-1 +no +-\n$/);
    expect(JSON.parse((await cli.run('secrets', 'build-keys', '--json')).out)).toMatchObject({
      keys: [{ kid: 'key-2', kty: 'EC' }, { kid: 'key-1' }],
    });
  });
});
