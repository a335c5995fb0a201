import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChunkReport } from '../../../controlplane/api/agents/parse-chunk-report.ts';
import { RequestInvalidError } from '../../../controlplane/api/http/parse-request.ts';
import { ChunkReport } from '../../../shared/protocol/signals.ts';
import { createChunkPrinter } from '../../../agent/report/print-chunk.ts';

const LARGE = 100_000;

function report(data: string, more?: object): Buffer {
  return Buffer.from(JSON.stringify({ processId: 'p', stream: 'stdout', offset: 7, data, ...more }));
}

const isProcessId = (id: string): boolean => ChunkReport.shape.processId.safeParse(id).success;

function problemOf(body: Buffer): string {
  try {
    parseChunkReport(body);
    return 'none';
  } catch (error) {
    return error instanceof RequestInvalidError ? error.message : `not refused: ${String(error)}`;
  }
}

describe('a report of output', () => {
  it('is parsed as the agent has printed it, small or large', () => {
    const piece = fc.record({
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
      offset: fc.nat(),
      bytes: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 0, maxLength: 6 }).map(repeated)),
    });
    fc.assert(
      fc.property(
        // fast-check likes names such as __proto__, which no process has.
        fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }).filter(isProcessId),
        piece,
        fc.array(piece, { maxLength: 3 }),
        (id, first, more) => {
          const pieces = [first, ...more].map(({ bytes, ...rest }) => ({
            ...rest,
            processId: id,
            bytes: Buffer.from(bytes),
          }));
          const [one, ...others] = pieces;
          const parsed = parseChunkReport(Buffer.from(createChunkPrinter()(one!, others)));
          expect(parsed.map(({ data, ...rest }) => ({ ...rest, bytes: Buffer.from(data) }))).toEqual(pieces);
        },
      ),
    );
  });

  it('that is written in another order or with spaces is parsed as well', () => {
    const data = Buffer.alloc(LARGE, 'x');
    const text = data.toString('base64');
    const bodies = [
      JSON.stringify({ data: text, offset: 7, processId: 'p', stream: 'stdout' }),
      JSON.stringify({ processId: 'p', stream: 'stdout', offset: 7, data: text }, null, 2),
      `{"processId":"p","stream":"stdout","offset":7,"data":"${text.replace('e', '\\u0065')}"}`,
    ];
    for (const body of bodies)
      expect(parseChunkReport(Buffer.from(body))).toEqual([{ processId: 'p', stream: 'stdout', offset: 7, data }]);
  });

  it('is refused for what is no Base64 anywhere in it, in the same words whether it is small or large', () => {
    const good = Buffer.alloc(LARGE, 'x').toString('base64');
    const spoil = (at: number, by: string): string => good.slice(0, at) + by + good.slice(at + by.length);
    const words = problemOf(report('?'));
    expect(words).toMatch(/data/);
    const spoiled = [0, 1, 65_535, 65_536, 65_537, good.length - 1].flatMap((at) =>
      ['-', '_', '=', ' ', '\n', 'é', '\0'].map((by) => spoil(at, by)),
    );
    const cut = [good.slice(1), `${good}=`, `${good.slice(0, -4)}A===`, `${good}x===`];
    for (const data of [
      ...spoiled.filter((one) => !/^[A-Za-z0-9+/]*={0,2}$/.test(one) || one.length % 4 !== 0),
      ...cut,
    ]) {
      expect(problemOf(report(data))).toBe(words);
    }
  });

  it('with a repeated key "data" means the same when it is small and when it is large', () => {
    const large = Buffer.alloc(LARGE, 'x').toString('base64');
    const repeats = [
      '"data":"QQ=="',
      '"data":""',
      '"d\\u0061ta":"QQ=="',
      '"data":"?"',
      '"data":7',
      '"data" : "QUE="',
      '"offset":9',
    ];
    const bodyOf = (data: string, tail: string): Buffer =>
      Buffer.from(`{"processId":"p","stream":"stdout","offset":7,"data":"${data}",${tail}}`);
    const meaningOf = (body: Buffer): unknown => {
      const problem = problemOf(Buffer.from(body));
      return problem === 'none' ? parseChunkReport(body) : problem;
    };
    const more = '"more":[{"stream":"stdout","offset":9,"data":"Qg=="}]';
    for (const repeat of repeats) {
      for (const tail of [repeat, `${more},${repeat}`, `${repeat},${more}`, `${more},${repeat},${more}`]) {
        const isOfData = !repeat.startsWith('"offset"');
        const [small, big] = ['', large].map((data) => meaningOf(bodyOf(data, tail)));
        if (isOfData) expect(big, tail).toEqual(small);
        else expect(big, tail).toMatchObject([{ offset: 9 }, ...(tail === repeat ? [] : [{ offset: 9 }])]);
      }
    }
    const marked = bodyOf(large, `"data":"?","data":"${large}"`);
    expect(meaningOf(marked)).toMatchObject([{ offset: 7, data: Buffer.alloc(LARGE, 'x') }]);
  });

  it('is refused for its other fields when it is large', () => {
    const data = Buffer.alloc(LARGE, 'x').toString('base64');
    expect(problemOf(report(data, { more: [] }))).toBe(problemOf(report('', { more: [] })));
    expect(problemOf(report(data, { extra: 1 }))).toBe(problemOf(report('', { extra: 1 })));
    expect(problemOf(Buffer.from(report(data).subarray(0, -1)))).toBe(
      problemOf(Buffer.from(report('').subarray(0, -1))),
    );
    expect(problemOf(Buffer.from(`{"processId":"p","stream":"stdout","offset":1,"data":"${data}`))).toMatch(/not JSON/);
  });
});

function repeated(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.length * 20_000).map((_, at) => bytes[at % bytes.length]! ^ (at >> 8));
}
