import ssh2, { type Algorithms } from 'ssh2';
import { OperationalError } from '../../shared/model/error.ts';
import { SSH_ALGORITHMS } from '../../shared/protocol/ssh.ts';

// A key exchange with oneself takes 10 to 30 ms (measured on two cores, 2026-03); a machine may be a hundred times slower.
const CHECK_TIMEOUT_MS = 5_000;

/** Connects like a client and exchanges keys. Rejects unless the one who answers holds the announced host key. */
export function checkSelf(where: { host: string; port: number }, announced: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let presented: Buffer | undefined;
    const fail = (why: string): void => {
      client.destroy();
      reject(
        new OperationalError('SSH_KEY_EXCHANGE', {
          happened: `The agent's own SSH server on port ${where.port} cannot be used: ${why}`,
          remedy: 'See whether another program holds that port, and set ssh.port to a free one',
        }),
      );
    };
    client.on('error', (error) => fail(error.message)); // may come twice; a promise settles once
    client.on('close', () => fail('the connection was closed during the key exchange'));
    client.on('handshake', () => {
      if (!presented?.equals(announced)) return fail('another host key was presented');
      client.destroy();
      resolve();
    });
    client.connect({
      ...where,
      username: 'self-check',
      readyTimeout: CHECK_TIMEOUT_MS,
      algorithms: SSH_ALGORITHMS as unknown as Algorithms,
      hostVerifier: (key: Buffer) => {
        presented = key;
        return true; // judged after the exchange, which alone proves that the private half is there
      },
    });
  });
}
