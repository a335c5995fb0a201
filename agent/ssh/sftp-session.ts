import type { FileHandle } from 'node:fs/promises';
import { messageOf } from '../../shared/model/error.ts';
import * as files from './sftp-files.ts';
import {
  ANSWER,
  BadMessage,
  EXTENSION,
  FieldReader,
  MAX_PACKET_BYTES,
  REQUEST,
  SFTP_VERSION,
  SFTP_STATUS,
  printAttributes,
  printPacket,
  string,
  uint32,
} from './sftp-wire.ts';

const MAX_READ_BYTES = MAX_PACKET_BYTES - 1024;
// A quarter of what sftp-server allows by default on a system with 1,024 descriptors.
const MAX_HANDLES = 256;
const NAMES_PER_ANSWER = 100;
// A message repeats the names of its request. The limit keeps the answer within the length that clients accept.
const MAX_MESSAGE_CHARACTERS = 256;

type Opened = { readonly file: FileHandle } | { readonly directory: files.DirectoryReader };
type Answer = (id: Buffer) => Buffer;

const status =
  (code: number, message = ''): Answer =>
  (id) =>
    printPacket(
      ANSWER.STATUS,
      id,
      uint32(code),
      string(Buffer.from(message.slice(0, MAX_MESSAGE_CHARACTERS))),
      string(''),
    );
const OK = status(SFTP_STATUS.OK);
const nameAnswer =
  (entries: readonly { name: string; line: string; attributes: files.DirectoryEntry['attributes'] }[]): Answer =>
  (id) =>
    printPacket(
      ANSWER.NAME,
      id,
      uint32(entries.length),
      ...entries.flatMap(({ name, line, attributes }) => [string(name), string(line), printAttributes(attributes)]),
    );
const versionAnswer = (): Buffer =>
  printPacket(
    ANSWER.VERSION,
    uint32(SFTP_VERSION),
    ...Object.values(EXTENSION).flatMap((name) => [string(name), string('1')]),
  );

/** Holds the open files and directories of one client, and answers its requests. */
export class SftpSession {
  readonly #opened = new Map<string, Opened>();
  #lastHandle = 0;

  async answer(packet: Buffer): Promise<Buffer> {
    const fields = new FieldReader(packet.subarray(5));
    const type = packet.readUInt8();
    if (type === REQUEST.INIT) return versionAnswer();
    const id = packet.subarray(1, 5);
    try {
      return (await this.#perform(type, fields))(id);
    } catch (error) {
      const code = error instanceof BadMessage ? SFTP_STATUS.BAD_MESSAGE : files.statusOf(error);
      return status(code, messageOf(error))(id);
    }
  }

  async close(): Promise<void> {
    for (const handle of [...this.#opened.keys()]) await this.#close(handle);
  }

  async #perform(type: number, fields: FieldReader): Promise<Answer> {
    switch (type) {
      case REQUEST.OPEN:
        return this.#open(fields.name(), fields.uint32(), fields.attributes());
      case REQUEST.OPENDIR:
        return this.#openDirectory(fields.name());
      case REQUEST.CLOSE:
        return this.#close(fields.name());
      case REQUEST.READ:
        return this.#read(fields.name(), fields.uint64(), fields.uint32());
      case REQUEST.WRITE:
        return this.#write(fields.name(), fields.uint64(), fields.bytes());
      case REQUEST.READDIR:
        return this.#readDirectory(fields.name());
      case REQUEST.FSTAT:
        return this.#attributes(files.attributesOf(await this.#file(fields.name()).stat()));
      case REQUEST.FSETSTAT:
        return this.#done(files.writeAttributes(this.#file(fields.name()), fields.attributes()));
      default:
        return this.#performByName(type, fields);
    }
  }

  async #performByName(type: number, fields: FieldReader): Promise<Answer> {
    switch (type) {
      case REQUEST.STAT:
        return this.#attributes(await files.readAttributes(fields.name(), 'follow'));
      case REQUEST.LSTAT:
        return this.#attributes(await files.readAttributes(fields.name(), 'show'));
      case REQUEST.SETSTAT:
        return this.#done(files.writeAttributes(fields.name(), fields.attributes()));
      case REQUEST.REMOVE:
        return this.#done(files.removeFile(fields.name()));
      case REQUEST.MKDIR:
        return this.#done(files.makeDirectory(fields.name(), fields.attributes()));
      case REQUEST.RMDIR:
        return this.#done(files.removeDirectory(fields.name()));
      case REQUEST.RENAME:
        return this.#done(files.renameFile(fields.name(), fields.name()));
      case REQUEST.SYMLINK:
        // The draft sends the link first; OpenSSH's clients and most others send the target first (its PROTOCOL,
        // 4.1).
        return this.#done(files.makeLink(fields.name(), fields.name()));
      case REQUEST.REALPATH:
        return this.#name(await files.realName(fields.name()));
      case REQUEST.READLINK:
        return this.#name(await files.readLinkName(fields.name()));
      case REQUEST.EXTENDED:
        return this.#performExtension(fields.name(), fields);
      default:
        return status(SFTP_STATUS.UNSUPPORTED, 'not supported');
    }
  }

  async #performExtension(name: string, fields: FieldReader): Promise<Answer> {
    switch (name) {
      case EXTENSION.POSIX_RENAME:
        return this.#done(files.replaceFile(fields.name(), fields.name()));
      case EXTENSION.HARD_LINK:
        return this.#done(files.makeHardLink(fields.name(), fields.name()));
      case EXTENSION.SYNC:
        return this.#done(this.#file(fields.name()).sync());
      default:
        return status(SFTP_STATUS.UNSUPPORTED, 'not supported');
    }
  }

  async #done(work: Promise<void>): Promise<Answer> {
    await work;
    return OK;
  }

  #attributes(attributes: files.DirectoryEntry['attributes']): Answer {
    return (id) => printPacket(ANSWER.ATTRS, id, printAttributes(attributes));
  }

  #name(name: string): Answer {
    return nameAnswer([{ name, line: name, attributes: {} }]);
  }

  async #open(name: string, flags: number, attributes: files.DirectoryEntry['attributes']): Promise<Answer> {
    this.#refuseTooMany();
    return this.#keep({ file: await files.openFile(name, flags, attributes) });
  }

  async #openDirectory(name: string): Promise<Answer> {
    this.#refuseTooMany();
    return this.#keep({ directory: await files.DirectoryReader.open(name) });
  }

  /** Called before a file is opened, because opening may create or empty the file. */
  #refuseTooMany(): void {
    if (this.#opened.size >= MAX_HANDLES) throw new Error('too many open files');
  }

  #keep(opened: Opened): Answer {
    this.#lastHandle += 1;
    const handle = String(this.#lastHandle);
    this.#opened.set(handle, opened);
    return (id) => printPacket(ANSWER.HANDLE, id, string(handle));
  }

  async #close(handle: string): Promise<Answer> {
    const opened = this.#opened.get(handle);
    if (!opened) throw new Error('no such handle');
    this.#opened.delete(handle);
    await ('file' in opened ? opened.file : opened.directory).close();
    return OK;
  }

  async #read(handle: string, offset: number, length: number): Promise<Answer> {
    const buffer = Buffer.alloc(Math.min(length, MAX_READ_BYTES));
    const { bytesRead } = await this.#file(handle).read(buffer, 0, buffer.length, offset);
    if (bytesRead === 0) return status(SFTP_STATUS.EOF);
    return (id) => printPacket(ANSWER.DATA, id, string(buffer.subarray(0, bytesRead)));
  }

  async #write(handle: string, offset: number, bytes: Buffer): Promise<Answer> {
    const file = this.#file(handle);
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
    return OK;
  }

  async #readDirectory(handle: string): Promise<Answer> {
    const opened = this.#opened.get(handle);
    if (!opened || !('directory' in opened)) throw new Error('no such directory handle');
    const some = await opened.directory.next(NAMES_PER_ANSWER);
    return some.length === 0 ? status(SFTP_STATUS.EOF) : nameAnswer(some);
  }

  #file(handle: string): FileHandle {
    const opened = this.#opened.get(handle);
    if (!opened || !('file' in opened)) throw new Error('no such file handle');
    return opened.file;
  }
}
