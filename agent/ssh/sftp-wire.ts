/** Numbers of the SSH File Transfer Protocol, version 3 (draft-ietf-secsh-filexfer-02), the version of OpenSSH. */
export const SFTP_VERSION = 3;

/** OpenSSH's own limit for a packet (SFTP_MAX_MSG_LENGTH). */
export const MAX_PACKET_BYTES = 256 * 1024;

export const REQUEST = {
  INIT: 1,
  OPEN: 3,
  CLOSE: 4,
  READ: 5,
  WRITE: 6,
  LSTAT: 7,
  FSTAT: 8,
  SETSTAT: 9,
  FSETSTAT: 10,
  OPENDIR: 11,
  READDIR: 12,
  REMOVE: 13,
  MKDIR: 14,
  RMDIR: 15,
  REALPATH: 16,
  STAT: 17,
  RENAME: 18,
  READLINK: 19,
  SYMLINK: 20,
  EXTENDED: 200,
} as const;

/** Requests beyond version 3 that OpenSSH's clients send when the server names them (its PROTOCOL, 4). */
export const EXTENSION = {
  POSIX_RENAME: 'posix-rename@openssh.com',
  HARD_LINK: 'hardlink@openssh.com',
  SYNC: 'fsync@openssh.com',
} as const;

export const ANSWER = { VERSION: 2, STATUS: 101, HANDLE: 102, DATA: 103, NAME: 104, ATTRS: 105 } as const;

export const SFTP_STATUS = {
  OK: 0,
  EOF: 1,
  NO_SUCH_FILE: 2,
  PERMISSION_DENIED: 3,
  FAILURE: 4,
  BAD_MESSAGE: 5,
  UNSUPPORTED: 8,
} as const;

export const OPEN_FLAG = {
  READ: 0x01,
  WRITE: 0x02,
  APPEND: 0x04,
  CREATE: 0x08,
  TRUNCATE: 0x10,
  EXCLUSIVE: 0x20,
} as const;

const ATTRIBUTE = { SIZE: 0x01, OWNER: 0x02, MODE: 0x04, TIMES: 0x08 } as const;

/** File attributes. An absent one is unknown, or not to be changed. */
export interface Attributes {
  readonly size?: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly mode?: number;
  /** Unix seconds. */
  readonly times?: { readonly accessed: number; readonly modified: number };
}

/** Thrown for a packet that is shorter than its length field says. */
export class BadMessage extends Error {}

/**
 * Reads the fields of a packet one after the other. A filesystem's names are bytes. Here they are latin1 strings, one
 * character a byte, so that no name is lost to a character set.
 */
export class FieldReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.#take(1).readUInt8();
  }

  uint32(): number {
    return this.#take(4).readUInt32BE();
  }

  /**
   * Throws for a value that a number cannot hold exactly: Node would write the bytes of such an offset at another
   * position.
   */
  uint64(): number {
    const value = this.#take(8).readBigUInt64BE();
    if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('the number is beyond the end of any file');
    return Number(value);
  }

  bytes(): Buffer {
    return this.#take(this.uint32());
  }

  name(): string {
    return this.bytes().toString('latin1');
  }

  attributes(): Attributes {
    const flags = this.uint32();
    return {
      ...(flags & ATTRIBUTE.SIZE ? { size: this.uint64() } : {}),
      ...(flags & ATTRIBUTE.OWNER ? { owner: { uid: this.uint32(), gid: this.uint32() } } : {}),
      ...(flags & ATTRIBUTE.MODE ? { mode: this.uint32() } : {}),
      ...(flags & ATTRIBUTE.TIMES ? { times: { accessed: this.uint32(), modified: this.uint32() } } : {}),
    };
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new BadMessage('a field is longer than its packet');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

export function string(content: Buffer | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

export function printAttributes({ size, owner, mode, times }: Attributes): Buffer {
  const flags =
    (size === undefined ? 0 : ATTRIBUTE.SIZE) |
    (owner ? ATTRIBUTE.OWNER : 0) |
    (mode === undefined ? 0 : ATTRIBUTE.MODE) |
    (times ? ATTRIBUTE.TIMES : 0);
  const size64 = Buffer.alloc(8);
  size64.writeBigUInt64BE(BigInt(size ?? 0));
  return Buffer.concat([
    uint32(flags),
    ...(size === undefined ? [] : [size64]),
    ...(owner ? [uint32(owner.uid), uint32(owner.gid)] : []),
    ...(mode === undefined ? [] : [uint32(mode)]),
    ...(times ? [uint32(times.accessed), uint32(times.modified)] : []),
  ]);
}

export function printPacket(type: number, ...fields: readonly Buffer[]): Buffer {
  const length = 1 + fields.reduce((sum, field) => sum + field.length, 0);
  return Buffer.concat([uint32(length), Buffer.from([type]), ...fields]);
}
