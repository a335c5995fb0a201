// Serves one SFTP session after the other, from inputs on stdin, and writes the findings about each to stdout.
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import { serveSftp } from '../../agent/ssh/sftp-server.ts';
import { BadMessage, MAX_PACKET_BYTES } from '../../agent/ssh/sftp-wire.ts';
import { inPieces } from './in-pieces.ts';

const GUARDED = Buffer.from('not for the client');
const ANSWER_TYPES = new Set([2, 101, 102, 103, 104, 105]);

interface Expected {
  /** For each whole packet the id of its answer, null for the answer to INIT. */
  readonly ids: (number | null)[];
  /** Whether a length follows that no packet can have. */
  readonly isBroken: boolean;
}

/** Returns what a server must answer to the bytes, read in another way than the server reads them. */
function expectedOf(input: Buffer): Expected {
  const ids: (number | null)[] = [];
  for (let at = 0; at + 4 <= input.length;) {
    const length = input.readUInt32BE(at);
    if (length < 5 || length > MAX_PACKET_BYTES) return { ids, isBroken: true };
    if (at + 4 + length > input.length) break;
    ids.push(input[at + 4] === 1 ? null : input.readUInt32BE(at + 5));
    at += 4 + length;
  }
  return { ids, isBroken: false };
}

/** Reads answers as they arrive, and keeps no more than the start of each. */
class Answers extends Writable {
  readonly ids: (number | null)[] = [];
  wrong: string | null = null;

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error) => void): void {
    const length = bytes.length < 9 ? -1 : bytes.readUInt32BE();
    const type = bytes[4] ?? 0;
    if (length !== bytes.length - 4) this.wrong = `an answer of ${bytes.length} bytes says that it has ${length}`;
    else if (length > MAX_PACKET_BYTES) this.wrong = `an answer of ${length} bytes`;
    else if (!ANSWER_TYPES.has(type)) this.wrong = `an answer of type ${type}`;
    else if (bytes.includes(GUARDED)) this.wrong = 'an answer holds what the user may not read';
    this.ids.push(type === 2 ? null : bytes.readUInt32BE(5));
    // Some answers are accepted late.
    if (this.ids.length % 7 === 0) setImmediate(done);
    else done();
  }
}

const openFiles = (): number => readdirSync('/proc/self/fd').length;

async function judge(input: Buffer): Promise<string> {
  const expected = expectedOf(input);
  const before = openFiles();
  const answers = new Answers();
  let isBroken = false;
  try {
    await serveSftp(Readable.from(inPieces(input)), answers);
  } catch (error) {
    if (!(error instanceof BadMessage)) return `${String(error)}`;
    isBroken = true;
  }
  if (answers.wrong !== null) return answers.wrong;
  if (isBroken !== expected.isBroken) return `given up: ${isBroken}, and it should be ${expected.isBroken}`;
  if (String(answers.ids) !== String(expected.ids)) return `answers ${answers.ids.join()} to ${expected.ids.join()}`;
  if (openFiles() !== before) return 'files stay open after the session';
  return 'ok';
}

for await (const line of createInterface(process.stdin)) {
  const { directory, input } = JSON.parse(line) as { directory: string; input: string };
  process.chdir(directory);
  const verdict = await judge(Buffer.from(input, 'base64'));
  process.chdir('/');
  process.stdout.write(`${verdict.replaceAll('\n', ' ')}\n`);
}
