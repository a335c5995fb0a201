import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { withoutFrames } from '../../../controlplane/localecs/docker/log-frames.ts';

function frame(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

async function payloadOf(chunks: readonly Buffer[]): Promise<string> {
  return (await buffer(Readable.from(chunks).pipe(withoutFrames()))).toString();
}

const log = Buffer.concat([frame(1, 'out ü\n'), frame(2, ''), frame(2, 'err\n'), frame(1, 'end')]);

describe('a log in frames', () => {
  it.each([1, 3, 7, 8, 9, log.length])('is the payload of its frames, read %i bytes at a time', async (size) => {
    const chunks = Array.from({ length: Math.ceil(log.length / size) }, (_, index) =>
      log.subarray(index * size, (index + 1) * size),
    );
    expect(await payloadOf(chunks)).toBe('out ü\nerr\nend');
  });

  it('keeps what came of a frame when the connection broke in it', async () => {
    expect(await payloadOf([log.subarray(0, 11)])).toBe('out');
    expect(await payloadOf([log.subarray(0, 5)])).toBe('');
  });

  it('takes 100,000 short lines in one piece', async () => {
    const lines = Buffer.concat(Array.from({ length: 100_000 }, () => frame(1, '\n')));
    expect(await payloadOf([lines])).toBe('\n'.repeat(100_000));
  });
});
