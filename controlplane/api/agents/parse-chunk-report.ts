import { z } from 'zod';
import { ChunkReport } from '../../../shared/protocol/signals.ts';
import { parseAgentBody, RequestInvalidError } from '../http/parse-request.ts';
import type { ReceivedChunk } from './agent-report-service.ts';

// V8 allocates strings from about twice this size on in its old generation, where only a full garbage collection frees them. A
// build that writes at full speed made the node spend two fifths of its time on garbage collection.
const LARGE_BYTES = 64 * 1024;
/** The text is decoded in slices of this size. It is a multiple of 4, so that each slice is Base64 by itself. */
const SLICE_CHARACTERS = 64 * 1024;
/** The beginning of a report as the agent writes it. */
const BEGIN = /^\{"processId":"[^"\\]*","stream":"(?:stdout|stderr)","offset":\d+,"data":"$/;
const MAX_BEGIN_BYTES = 1024;
const DATA = '"data":"';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const EQUALS_SIGN = 0x3d;
/** Replaces the text that was cut out of a report. It is not valid Base64, so no real text equals it. */
const CUT_OUT = '?';
const CutReport = ChunkReport.extend({ data: z.literal(CUT_OUT) });

/**
 * Returns the pieces of a report of output in their order. Throws REQUEST_INVALID as parseAgentBody does. The bytes of a large
 * piece overwrite their text in `body`, so the caller must not read `body` afterwards.
 */
export function parseChunkReport(body: Buffer): [ReceivedChunk, ...ReceivedChunk[]] {
  const cut = body.length < LARGE_BYTES ? null : cutOutData(body);
  const report = cut && parseCut(cut.rest);
  if (!cut || !report) {
    const { data, ...rest } = parseAgentBody(ChunkReport, body);
    return piecesOf(rest, Buffer.from(data, 'base64'));
  }
  const data = decodeInPlace(cut.text);
  // Throws: the placeholder is not valid Base64 either, so a large report is refused in the same words as a small one.
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

/**
 * Returns the Base64 of the first piece as bytes, and the report without it; null when the report is not written the way agents
 * write it.
 */
function cutOutData(body: Buffer): { readonly rest: Buffer; readonly text: Buffer } | null {
  const start = body.subarray(0, MAX_BEGIN_BYTES).indexOf(DATA) + DATA.length;
  const end = body.indexOf(QUOTE, start);
  if (start < DATA.length || end === -1 || !BEGIN.test(body.toString('latin1', 0, start))) return null;
  const [text, tail] = [body.subarray(start, end), body.subarray(end)];
  // The rest must not contain the placeholder, not even escaped.
  if (text.includes(BACKSLASH) || tail.includes(BACKSLASH) || tail.includes(CUT_OUT)) return null;
  return { rest: Buffer.concat([body.subarray(0, start), Buffer.from(CUT_OUT), tail]), text };
}

/**
 * Returns the report without the text; null for an invalid report, and for one with two `data` keys, of which JSON.parse takes
 * the last.
 */
function parseCut(rest: Buffer): Omit<ChunkReport, 'data'> | null {
  try {
    return parseAgentBody(CutReport, rest);
  } catch (error) {
    // The caller then parses the whole report, which is refused with its real problem.
    if (error instanceof RequestInvalidError) return null;
    throw error;
  }
}

/** Decodes Base64 (RFC 4648 section 4) into the same buffer and returns the bytes, which are shorter; null for invalid Base64. */
function decodeInPlace(text: Buffer): Buffer | null {
  // Buffer also accepts the alphabet of section 5.
  if (text.length % 4 !== 0 || text.includes('-') || text.includes('_')) return null;
  const padding = [text.at(-1), text.at(-2)].filter((character) => character === EQUALS_SIGN).length;
  let length = 0;
  for (let from = 0; from < text.length; from += SLICE_CHARACTERS) {
    length += text.write(text.toString('latin1', from, from + SLICE_CHARACTERS), length, 'base64');
    // Buffer skips characters that are not Base64 and stops at `=`: the result is then too short.
    const expected = (Math.min(from + SLICE_CHARACTERS, text.length) / 4) * 3;
    if (length !== expected - (from + SLICE_CHARACTERS < text.length ? 0 : padding)) return null;
  }
  return text.subarray(0, length);
}
