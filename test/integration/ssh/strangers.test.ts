import { createServer } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSshKeyPair, type SshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { SshAgentFixture } from '../../kit/agent/ssh-agent-fixture.ts';

let fixture: SshAgentFixture;
beforeEach(async () => {
  fixture = await SshAgentFixture.start();
});
afterEach(() => fixture.close());

function parsed(text: string): ssh2.ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

/** Offers one public key and signs with another key. */
class Impostor extends ssh2.BaseAgent<ssh2.ParsedKey> {
  readonly #shown: ssh2.ParsedKey;
  readonly #own = parsed(createSshKeyPair().privateKey);

  constructor(shown: string) {
    super();
    this.#shown = parsed(shown);
  }
  getIdentities(callback: (error: Error | undefined, keys?: ssh2.ParsedKey[]) => void): void {
    callback(undefined, [this.#shown]);
  }
  sign(_key: ssh2.ParsedKey, data: Buffer, ...rest: unknown[]): void {
    const callback = rest.at(-1) as (error: Error | undefined, signature?: Buffer) => void;
    callback(undefined, this.#own.sign(data) as Buffer);
  }
}

/** Returns how a connection with this configuration ends: `ready` after a login, else `closed`. */
function outcomeOf(config: ssh2.ConnectConfig): Promise<'ready' | 'closed'> {
  const client = new ssh2.Client();
  return new Promise((resolve) => {
    client.once('ready', () => {
      resolve('ready');
      client.end();
    });
    client.on('error', () => undefined).once('close', () => resolve('closed'));
    client.connect({ host: '127.0.0.1', port: fixture.server.port, username: 'root', ...config });
  });
}

it('a public key that is known opens nothing to somebody who has not its private half', async () => {
  const { publicLine, privateKey } = fixture.clientKey;
  expect(await outcomeOf({ agent: new Impostor(publicLine) })).toBe('closed');
  expect(await outcomeOf({ privateKey })).toBe('ready');
});

it('a stranger with many keys is sent away after three', async () => {
  let tries = 0;
  const authHandler: ssh2.AuthHandlerMiddleware = (_methods, _partial, next) => {
    tries += 1;
    const key = createSshKeyPair().privateKey;
    next(tries > 10 ? (false as never) : { type: 'publickey', username: 'root', key });
  };
  expect(await outcomeOf({ authHandler })).toBe('closed');
  // One more may be under way when the connection is closed.
  expect([3, 4]).toContain(tries);
});

/** Returns whether this key gets a channel to the Unix socket. */
async function reaches(key: SshKeyPair, username: string, socketPath: string): Promise<boolean> {
  const client = new ssh2.Client();
  const { port } = fixture.server;
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    client.connect({ host: '127.0.0.1', port, username, privateKey: key.privateKey, strictVendor: false });
  });
  const answer = await new Promise<boolean>((resolve) =>
    client.openssh_forwardOutStreamLocal(socketPath, (error?: Error) => resolve(!error)),
  );
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.end();
  await closed;
  return answer;
}

it('a developer reaches commands and files, and the agent API never', async () => {
  expect(await reaches(fixture.developerKey, 'builder', fixture.socketPath)).toBe(false);
  expect(await reaches(fixture.clientKey, 'root', fixture.socketPath)).toBe(true);
});

it('the control plane itself reaches no other socket of the container than the agent API', async () => {
  const other = join(fixture.directory, 'other.sock');
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(other, resolve));
  expect(await reaches(fixture.clientKey, 'root', other)).toBe(false);
  server.close();
});
