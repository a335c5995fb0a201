import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printStepHeader, type StepHeader } from '../../../shared/protocol/step-header.ts';
import { StepCutter, type KnownSteps } from '../../../controlplane/cli/logs/cut-steps.ts';
import type { WrittenPiece } from '../../../controlplane/cli/output/written-piece.ts';
import { createPieceWriter } from '../../kit/agent/written-pieces.ts';

const ALL: KnownSteps = { isHeader: () => true, stepAt: () => undefined };

function cut(pieces: readonly WrittenPiece[], known = ALL): { step: string | null; text: string }[] {
  const cutter = new StepCutter(known);
  const parts = [...pieces.flatMap((piece) => cutter.cut(piece)), ...cutter.end()];
  const texts: { step: string | null; text: string }[] = [];
  for (const { piece, step } of parts) {
    const last = texts.at(-1);
    const name = step?.name ?? null;
    if (last && last.step === name) last.text += piece.data.toString();
    else texts.push({ step: name, text: piece.data.toString() });
  }
  return texts;
}

const header = (number: number, name: string): string => printStepHeader({ event: 'build', number, of: 2, name });
const LOG = `clone\n${header(1, 'prepare')}one\n=== not a header\n${header(2, 'test')}two`;
const PARTS = [
  { step: null, text: 'clone\n' },
  { step: 'prepare', text: `${header(1, 'prepare')}one\n=== not a header\n` },
  { step: 'test', text: `${header(2, 'test')}two` },
];

describe('the steps in the output of a build', () => {
  it('begin at their headers, wherever the pieces were cut', () => {
    fc.assert(
      fc.property(fc.nat(LOG.length), fc.nat(LOG.length), (one, other) => {
        const piece = createPieceWriter();
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const pieces = [LOG.slice(0, from), LOG.slice(from, to), LOG.slice(to)];
        expect(cut(pieces.filter((text) => text !== '').map((text) => piece(text)))).toEqual(PARTS);
      }),
    );
  });

  it('hold what came on stderr meanwhile', () => {
    const piece = createPieceWriter();
    const pieces = [piece('clone\n'), piece(header(1, 'prepare')), piece('oops\n', { stream: 'stderr' })];
    expect(cut(pieces).at(-1)).toEqual({ step: 'prepare', text: `${header(1, 'prepare')}oops\n` });
  });

  it('are not those that the record of the tool does not have: a build can print what it likes', () => {
    const piece = createPieceWriter();
    const known: KnownSteps = { ...ALL, isHeader: ({ offset }: StepHeader) => offset === 0 };
    const printed = `${header(1, 'prepare')}one\n${header(2, 'forged')}two\n`;
    expect(cut([piece(printed)], known)).toEqual([{ step: 'prepare', text: printed }]);
  });

  it('do not begin within a line', () => {
    const piece = createPieceWriter();
    expect(cut([piece('x'), piece(header(1, 'prepare'))])).toEqual([{ step: null, text: `x${header(1, 'prepare')}` }]);
  });

  it('are known by their place when the header is missing', () => {
    const piece = createPieceWriter();
    const test: StepHeader = { event: 'build', number: 2, of: 2, name: 'test', offset: 50 };
    const known: KnownSteps = { ...ALL, stepAt: (offset) => (offset >= test.offset ? test : undefined) };
    const pieces = [piece(header(1, 'prepare')), piece('rest', { omittedBefore: 100 })];
    expect(cut(pieces, known).at(-1)).toEqual({ step: 'test', text: 'rest' });
  });
});
