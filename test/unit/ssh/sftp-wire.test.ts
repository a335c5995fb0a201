import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serveSftp } from '../../../agent/ssh/sftp-server.ts';
import {
  BadMessage,
  EXTENSION,
  FieldReader,
  printAttributes,
  printPacket,
  string,
  uint32,
} from '../../../agent/ssh/sftp-wire.ts';

const uint = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyAttributes = fc.record(
  {
    size: fc.maxSafeNat(),
    owner: fc.record({ uid: uint, gid: uint }),
    mode: uint,
    times: fc.record({ accessed: uint, modified: uint }),
  },
  { requiredKeys: [] },
);

describe('FieldReader', () => {
  it('reads back every field', () => {
    fc.assert(
      fc.property(uint, fc.uint8Array(), anyAttributes, (number, bytes, attributes) => {
        const reader = new FieldReader(
          Buffer.concat([uint32(number), string(Buffer.from(bytes)), printAttributes(attributes)]),
        );
        expect(reader.uint32()).toBe(number);
        expect(Buffer.from(reader.name(), 'latin1').equals(Buffer.from(bytes))).toBe(true);
        expect(reader.attributes()).toEqual(attributes);
      }),
    );
  });

  it('never reads past its packet', () => {
    expect(() => new FieldReader(Buffer.from([0, 0, 0, 9, 1])).bytes()).toThrow(BadMessage);
  });
});

/** Returns the server's answer to a client's first packet. */
const VERSION = printPacket(2, uint32(3), ...Object.values(EXTENSION).flatMap((name) => [string(name), string('1')]));

describe('serveSftp', () => {
  async function answers(...packets: Buffer[]): Promise<Buffer> {
    const output = new PassThrough();
    await serveSftp(Readable.from(packets), output);
    return (output.read() as Buffer | null) ?? Buffer.alloc(0);
  }

  it('answers every request that is garbage with a status, and goes on', async () => {
    const garbage = fc.array(
      fc.tuple(
        fc.integer({ min: 2, max: 255 }).filter((type) => type > 20),
        fc.uint8Array({ maxLength: 40 }),
      ),
      { maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(garbage, async (requests) => {
        const packets = requests.map(([type, bytes]) => printPacket(type, uint32(7), Buffer.from(bytes)));
        const out = await answers(...packets, printPacket(1, uint32(3)));
        expect(out.subarray(-VERSION.length)).toEqual(VERSION);
      }),
      { numRuns: 50 },
    );
  });

  it('takes packets in any pieces', async () => {
    const whole = Buffer.concat([printPacket(1, uint32(3)), printPacket(16, uint32(1), string('/'))]);
    const once = await answers(whole);
    expect(await answers(...Array.from(whole, (byte) => Buffer.from([byte])))).toEqual(once);
  });

  it('gives up on a packet that is too long', async () => {
    await expect(answers(uint32(1_000_000))).rejects.toThrow(BadMessage);
  });
});
