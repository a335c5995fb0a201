// Streams of bytes between programs.
import { FieldReader, BadMessage, printAttributes, string, uint32 } from '../../../agent/ssh/sftp-wire.ts';
import { readServerSentEvents, type ServerSentEvent } from '../../../controlplane/cli/server-sent-events.ts';
import { parseMark, markLine } from '../../../controlplane/store/backup/dump-format.ts';
import type { Target } from '../fuzz-target.ts';
import { inPieces } from '../in-pieces.ts';
import { mustEqual } from './files.ts';

async function readEvents(pieces: readonly Buffer[]): Promise<ServerSentEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const events: ServerSentEvent[] = [];
  for await (const event of readServerSentEvents(body)) events.push(event);
  return events;
}

/** Reads fields that the first byte chooses, like the type of a packet. */
function readPacket(input: Buffer): void {
  const fields = new FieldReader(input.subarray(1));
  for (let kinds = input[0] ?? 0, count = 0; count < 4; kinds >>= 2, count += 1) {
    if (kinds % 4 === 0) fields.uint32();
    else if (kinds % 4 === 1) fields.name();
    else if (kinds % 4 === 2) fields.uint64();
    else {
      const attributes = fields.attributes();
      if ((attributes.size ?? 0) > Number.MAX_SAFE_INTEGER) continue;
      mustEqual(new FieldReader(printAttributes(attributes)).attributes(), attributes, 'attributes that were printed');
    }
  }
}

export const WIRE_TARGETS: readonly Target[] = [
  {
    name: 'server-sent-events',
    share: 8,
    pieces: [
      'id: 1\n',
      'event: state\n',
      'data: {"a":1}\n',
      '\n',
      ': note\n',
      'data: ',
      ': ',
      '__proto__: x\n',
      'data:x\n',
      '\r\n',
      '\r',
    ],
    async run(input) {
      const whole = await readEvents([input]);
      mustEqual(await readEvents(inPieces(input)), whole, 'what comes in pieces');
      for (const { id, event, data } of whole) {
        if ([id, event, data].some((text) => typeof text !== 'string')) throw new Error('a field is no text');
      }
    },
  },
  {
    name: 'sftp-wire',
    share: 8,
    pieces: [
      '\u0003\0\0\0\u000f',
      ...[uint32(1), uint32(0xff), string('name'), string(''), uint32(0xffffffff)].map((bytes) =>
        bytes.toString('latin1'),
      ),
    ],
    // The session answers either with a status: the one for a broken message, the other for an impossible offset.
    accepts: (error) => error instanceof BadMessage || error instanceof RangeError,
    run: readPacket,
  },
  {
    name: 'dump-mark',
    share: 2,
    pieces: ['{"', 'wip', 'table', 'rows', ':1', '"}', '\t', '\\.'],
    run(input) {
      for (const line of input.toString().split('\n')) {
        const mark = parseMark(line);
        if (mark) mustEqual(parseMark(markLine(mark)), mark, 'the mark that was printed');
      }
    },
  },
];
