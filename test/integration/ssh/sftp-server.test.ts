import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveSftp } from '../../../agent/ssh/sftp-server.ts';
import {
  ANSWER,
  FieldReader,
  MAX_PACKET_BYTES,
  printAttributes,
  printPacket,
  REQUEST,
  SFTP_STATUS,
  string,
  uint32,
} from '../../../agent/ssh/sftp-wire.ts';

let place: string;
beforeEach(() => (place = mkdtempSync(join(tmpdir(), 'wip-sftp-server-'))));
afterEach(() => rmSync(place, { recursive: true }));

interface Answer {
  readonly type: number;
  readonly fields: FieldReader;
  readonly bytes: number;
}

const request = (type: number, ...fields: readonly Buffer[]): Buffer => printPacket(type, uint32(1), ...fields);
const NONE = printAttributes({});
const open = (name: string, flags: number, attributes = NONE): Buffer =>
  request(REQUEST.OPEN, string(name), uint32(flags), attributes);
const offset = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};

/** Returns the answers of one session, in their order. */
async function session(...requests: readonly Buffer[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  const output = new Writable({
    write(packet: Buffer, _encoding, done) {
      const fields = new FieldReader(packet.subarray(9));
      answers.push({ type: packet[4] ?? 0, fields, bytes: packet.length - 4 });
      done();
    },
  });
  await serveSftp(Readable.from(requests), output);
  return answers;
}

const statusOf = ({ type, fields }: Answer): number => {
  expect(type).toBe(ANSWER.STATUS);
  return fields.uint32();
};

describe('the SFTP server', () => {
  it('is not ended by a mode that no file can have', async () => {
    const attributes = Buffer.concat([uint32(0x04), uint32(0xed001906)]);
    const [opened] = await session(open(join(place, 'new'), 0x1a, attributes));
    expect(opened?.type).toBe(ANSWER.HANDLE);
  });

  it('does not wait for the other end of a pipe', async () => {
    const pipe = join(place, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const [reader, writer, size, stat] = await session(
      open(pipe, 0x01),
      open(pipe, 0x02),
      request(REQUEST.SETSTAT, string(pipe), printAttributes({ size: 0 })),
      request(REQUEST.STAT, string(pipe)),
    );
    expect(reader?.type).toBe(ANSWER.HANDLE);
    // The reader opened before holds the pipe open, so that opening it to write succeeds.
    expect(writer?.type).toBe(ANSWER.HANDLE);
    expect(statusOf(size!)).toBe(SFTP_STATUS.FAILURE);
    expect(stat?.type).toBe(ANSWER.ATTRS);
  });

  it.each([2n ** 53n, 2n ** 63n, 2n ** 64n - 1n])('writes nothing at offset %s', async (far) => {
    const file = join(place, 'file');
    writeFileSync(file, 'content');
    const [, written] = await session(
      open(file, 0x03),
      request(REQUEST.WRITE, string('1'), offset(far), string('XXX')),
    );
    expect(statusOf(written!)).toBe(SFTP_STATUS.FAILURE);
    expect(readFileSync(file, 'utf8')).toBe('content');
  });

  it('answers no longer than a client takes, however long the name', async () => {
    const long = string('n'.repeat(200_000));
    const answers = await session(
      request(REQUEST.STAT, long),
      request(REQUEST.REALPATH, long),
      request(REQUEST.MKDIR, long, NONE),
    );
    expect(answers.map(statusOf)).toEqual([SFTP_STATUS.FAILURE, SFTP_STATUS.FAILURE, SFTP_STATUS.FAILURE]);
    expect(Math.max(...answers.map(({ bytes }) => bytes))).toBeLessThan(MAX_PACKET_BYTES / 100);
  });

  it('makes and empties no file for a handle that it refuses', async () => {
    const file = join(place, 'file');
    writeFileSync(file, 'content');
    const answers = await session(
      ...Array.from({ length: 256 }, () => open(file, 0x01)),
      open(file, 0x12),
      open(join(place, 'new'), 0x1a),
    );
    expect(answers.slice(-2).map(statusOf)).toEqual([SFTP_STATUS.FAILURE, SFTP_STATUS.FAILURE]);
    expect(readFileSync(file, 'utf8')).toBe('content');
    expect(() => readFileSync(join(place, 'new'))).toThrow('ENOENT');
  });

  it('keeps of a directory no more than one answer, and lists it to its end', async () => {
    const names = Array.from({ length: 1_234 }, (_, index) => `file-${index}`);
    for (const name of names) writeFileSync(join(place, name), '');
    const reads = Array.from({ length: 20 }, () => request(REQUEST.READDIR, string('1')));
    const answers = await session(request(REQUEST.OPENDIR, string(place)), ...reads);
    const listed: string[] = [];
    for (const { type, fields } of answers.slice(1)) {
      if (type !== ANSWER.NAME) continue;
      const count = fields.uint32();
      expect(count).toBeLessThanOrEqual(100);
      for (let entry = 0; entry < count; entry += 1) {
        listed.push(fields.name());
        fields.name();
        fields.attributes();
      }
    }
    expect(listed.sort()).toEqual(['.', '..', ...names].sort());
    expect(statusOf(answers.at(-1)!)).toBe(SFTP_STATUS.EOF);
  });

  it('lists a file whose time no calendar has', async () => {
    // A filesystem in memory keeps any time. Filesystems on disks end in 2446.
    const directory = mkdtempSync('/dev/shm/wip-sftp-time-');
    try {
      writeFileSync(join(directory, 'far'), '');
      utimesSync(join(directory, 'far'), 1e13, 1e13);
      const [, names] = await session(
        request(REQUEST.OPENDIR, string(directory)),
        request(REQUEST.READDIR, string('1')),
      );
      expect(names?.type).toBe(ANSWER.NAME);
      expect(names?.fields.uint32()).toBe(3);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('ends when nobody takes its answers any more', async () => {
    const gone = new Writable({ write: (_packet, _encoding, done) => done(new Error('EPIPE')) });
    gone.on('error', () => undefined);
    const stat = request(REQUEST.STAT, string(place));
    await expect(serveSftp(Readable.from([stat, stat, stat]), gone)).rejects.toThrow('EPIPE');
  });
});
