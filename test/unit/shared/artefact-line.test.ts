import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { artefactLine, readArtefactCommit } from '../../../shared/protocol/artefact-line.ts';

const digits = (length: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length }).map((all) => all.join(''));

describe('the line that tells which commit was pushed', () => {
  it('is read as it was written, whatever stands before it', () => {
    const commits = fc.record({ commit: fc.oneof(digits(40), digits(64)), isNew: fc.boolean() });
    fc.assert(
      fc.property(commits, fc.string(), fc.string(), (pushed, took, before) => {
        const line = artefactLine(pushed, took.replaceAll('\n', ' '));
        expect(readArtefactCommit(`${before}\n${line}\n`)).toBe(pushed.commit);
      }),
    );
  });

  it('is the last one: what a step prints stands before it', () => {
    const [forged, real] = ['0'.repeat(40), 'a'.repeat(40)];
    const lines = [
      artefactLine({ commit: forged, isNew: true }, '1 s'),
      artefactLine({ commit: real, isNew: false }, ''),
    ];
    expect(readArtefactCommit(lines.join('\n'))).toBe(real);
  });

  it.each([
    '',
    'pushed',
    '--- artefact: commit 1234 pushed in 1 s',
    `echo --- artefact: commit ${'a'.repeat(40)} pushed in 1 s`,
  ])('is not %j', (output) => {
    expect(readArtefactCommit(output)).toBeNull();
  });
});
