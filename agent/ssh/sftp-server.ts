import type { Readable, Writable } from 'node:stream';
import { SftpSession } from './sftp-session.ts';
import { BadMessage, MAX_PACKET_BYTES } from './sftp-wire.ts';

/**
 * An SFTP server on two streams. `wip-agent sftp-server` runs it as the user who logged in, so that the user's own
 * rights decide and never those of the agent. Requests are answered one after the other. Resolves at the end of
 * input; rejects for input that is no packet, and when no reader takes the answers.
 */
export async function serveSftp(input: Readable, output: Writable): Promise<void> {
  const session = new SftpSession();
  try {
    for await (const packet of packetsOf(input)) await send(output, await session.answer(packet));
  } finally {
    await session.close();
  }
}

/** Waits for the callback of the write, which is always called: a broken stream has no 'drain'. */
function send(output: Writable, answer: Buffer): Promise<void> {
  return new Promise((resolve, reject) => output.write(answer, (error) => (error ? reject(error) : resolve())));
}

async function* packetsOf(input: Readable): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  let wantedBytes = 4;
  for await (const piece of input as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    // Pieces are joined only once a packet is complete. Otherwise a packet that arrives byte by byte would be copied
    // once for each of its bytes.
    if (bytes < wantedBytes) continue;
    let waiting = Buffer.concat(pieces);
    wantedBytes = 4;
    while (waiting.length >= 4) {
      const length = waiting.readUInt32BE();
      if (length < 5 || length > MAX_PACKET_BYTES) throw new BadMessage(`a packet of ${length} bytes`);
      wantedBytes = 4 + length;
      if (waiting.length < wantedBytes) break;
      yield waiting.subarray(4, wantedBytes);
      waiting = waiting.subarray(wantedBytes);
      wantedBytes = 4;
    }
    pieces = [waiting];
    bytes = waiting.length;
  }
}
