import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findLastLines, readPieces } from '../../../controlplane/cli/logs/read-pieces.ts';
import { LineCount, skipLines } from '../../../controlplane/cli/logs/select-pieces.ts';
import type { OutputRange } from '../../../controlplane/cli/client/wip-client.ts';
import { outputViewOf, type WrittenPiece } from '../../../controlplane/cli/output/written-piece.ts';
import { createPieceWriter } from '../../kit/agent/written-pieces.ts';

/** A server that has three pieces on a page. */
function serverOf(pieces: readonly WrittenPiece[]): Parameters<typeof readPieces>[0] {
  return {
    readPieces: async (_id, { after = 0, before }: OutputRange) => {
      const within = pieces.filter(({ id }) => id > after && (before === undefined || id < before));
      const page = before === undefined ? within.slice(0, 3) : within.slice(-3);
      return { pieces: page.map(outputViewOf), next: page.at(-1)?.id ?? after };
    },
  };
}

async function lastLines(pieces: readonly WrittenPiece[], lines: number): Promise<string> {
  const server = serverOf(pieces);
  const { after, skip } = await findLastLines(server, 1, { lines, stream: 'all', since: null });
  const behind = skipLines(skip);
  let text = '';
  for await (const piece of readPieces(server, 1, { after, since: null })) {
    for (const { data } of behind(piece)) text += data.toString();
  }
  return text;
}

/** The last lines as `tail` has them. */
function tailOf(text: string, lines: number): string {
  const all = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines === 0 ? '' : all.slice(-lines).join('');
}

const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n'), minLength: 1, maxLength: 6 }), {
  maxLength: 12,
});

describe('the last lines of a log', () => {
  it('are those of tail, however the log was cut into pieces and pages', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.nat(8), async (written, lines) => {
        const piece = createPieceWriter();
        expect(
          await lastLines(
            written.map((text) => piece(text)),
            lines,
          ),
        ).toBe(tailOf(written.join(''), lines));
      }),
    );
  });

  it('are counted with the one that has no line break', () => {
    fc.assert(
      fc.property(texts, (written) => {
        const piece = createPieceWriter();
        const count = new LineCount();
        for (const text of written) count.add(piece(text));
        expect(count.lines).toBe((written.join('').match(/[^\n]*\n|[^\n]+$/g) ?? []).length);
      }),
    );
  });
});
