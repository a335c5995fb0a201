import { z } from 'zod';
import { ChunkReport } from '../../../shared/protocol/signals.ts';
import { parseAgentBody, RequestInvalidError } from '../http/parse-request.ts';
import type { ReceivedChunk } from './agent-report-service.ts';

// V8 keeps texts from about twice this size on among its old objects, and a whole collection has to find each of them. A build
// that writes at full speed had the node spend two fifths of its time on collections.
const LARGE_BYTES = 64 * 1024;
/** So much at a time becomes text: a multiple of 4 characters, so that the bytes of the slices are those of the whole. */
const SLICE_CHARACTERS = 64 * 1024;
/** How reports of the agent begin. */
const BEGIN = /^\{"processId":"[^"\\]*","stream":"(?:stdout|stderr)","offset":\d+,"data":"$/;
const MAX_BEGIN_BYTES = 1024;
const DATA = '"data":"';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const EQUALS_SIGN = 0x3d;
/** Stands in a report for the text that was cut out. It is no Base64. */
const CUT_OUT = '?';
const CutReport = ChunkReport.extend({ data: z.literal(CUT_OUT) });

/**
 * Returns the pieces of a report of output in their order. Throws REQUEST_INVALID as parseAgentBody does. The bytes of a large
 * piece take the place of their text in `body`, of which no one reads anything afterwards.
 */
export function parseChunkReport(body: Buffer): [ReceivedChunk, ...ReceivedChunk[]] {
  const cut = body.length < LARGE_BYTES ? null : cutOutData(body);
  const report = cut && parseCut(cut.rest);
  if (!cut || !report) {
    const { data, ...rest } = parseAgentBody(ChunkReport, body);
    return piecesOf(rest, Buffer.from(data, 'base64'));
  }
  const data = decodeInPlace(cut.text);
  // Refused in the words for a small one.
  if (!data) parseAgentBody(ChunkReport, cut.rest);
  return piecesOf(report, data ?? Buffer.alloc(0));
}

function piecesOf(
  { processId, stream, offset, more = [] }: Omit<ChunkReport, 'data'>,
  data: Buffer,
): [ReceivedChunk, ...ReceivedChunk[]] {
  const others = more.map((piece) => ({ ...piece, processId, data: Buffer.from(piece.data, 'base64') }));
  return [{ processId, stream, offset, data }, ...others];
}

/** Returns the text of the first piece, which never becomes one text, and the report without it; null if agents write otherwise. */
function cutOutData(body: Buffer): { readonly rest: Buffer; readonly text: Buffer } | null {
  const start = body.subarray(0, MAX_BEGIN_BYTES).indexOf(DATA) + DATA.length;
  const end = body.indexOf(QUOTE, start);
  if (start < DATA.length || end === -1 || !BEGIN.test(body.toString('latin1', 0, start))) return null;
  const [text, tail] = [body.subarray(start, end), body.subarray(end)];
  // Nothing behind it may say the same as what stands for the text.
  if (text.includes(BACKSLASH) || tail.includes(BACKSLASH) || tail.includes(CUT_OUT)) return null;
  return { rest: Buffer.concat([body.subarray(0, start), Buffer.from(CUT_OUT), tail]), text };
}

/** Returns the report without the text. Null for one that has its data twice, of which JSON takes the last, and for what is wrong. */
function parseCut(rest: Buffer): Omit<ChunkReport, 'data'> | null {
  try {
    return parseAgentBody(CutReport, rest);
  } catch (error) {
    // The whole is parsed instead, and refused for what is wrong with it.
    if (error instanceof RequestInvalidError) return null;
    throw error;
  }
}

/** Writes the bytes over their own text, which is longer, and returns them; null for what is no Base64 (RFC 4648 section 4). */
function decodeInPlace(text: Buffer): Buffer | null {
  // Buffer takes the alphabet of section 5 as well.
  if (text.length % 4 !== 0 || text.includes('-') || text.includes('_')) return null;
  const padding = [text.at(-1), text.at(-2)].filter((character) => character === EQUALS_SIGN).length;
  let length = 0;
  for (let from = 0; from < text.length; from += SLICE_CHARACTERS) {
    length += text.write(text.toString('latin1', from, from + SLICE_CHARACTERS), length, 'base64');
    // What is no character of Base64 is passed over, and `=` ends the text: bytes are missing then.
    const expected = (Math.min(from + SLICE_CHARACTERS, text.length) / 4) * 3;
    if (length !== expected - (from + SLICE_CHARACTERS < text.length ? 0 : padding)) return null;
  }
  return text.subarray(0, length);
}
