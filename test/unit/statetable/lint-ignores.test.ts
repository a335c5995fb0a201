import { describe, expect, it } from 'vitest';
import { parseLintIgnores } from '../../../controlplane/statetable/lint-ignores.ts';
import { lintTable, type LintReport } from '../../../controlplane/statetable/lint-table.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';

const TAIL = 'failure {\n * finish\n ! finish\n}\nterminate {\n * finish\n ! finish\n}\n';

function lint(text: string): LintReport {
  return lintTable(parseStateTable(text), { ignores: parseLintIgnores(text) });
}

/** Returns `rule@line` of every finding that is not a note. */
function found(text: string): string[] {
  return lint(text)
    .findings.filter(({ severity }) => severity !== 'note')
    .map(({ rule, line }) => `${rule}@${line}`);
}

describe('# lint-ignore', () => {
  it('takes a finding out, at the end of its line or on a line before it', () => {
    expect(found(`a:m {\n x a # lint-ignore: spin it is cheap\n * finish\n}\n${TAIL}`)).toEqual([]);
    expect(found(`a:m {\n # lint-ignore: spin it is cheap\n\n # why\n x a\n * finish\n}\n${TAIL}`)).toEqual([]);
  });

  it('keeps what it took out, with the reason', () => {
    const { ignored, hasErrors } = lint(`a:m {\n x a # lint-ignore: spin it is cheap\n * finish\n}\n${TAIL}`);
    expect(ignored).toMatchObject([{ rule: 'spin', line: 2, reason: 'it is cheap' }]);
    expect(hasErrors).toBe(false);
  });

  it('is about one line and one rule only', () => {
    expect(found(`a:m {\n x a # lint-ignore: spin it is cheap\n y a\n * finish\n}\n${TAIL}`)).toEqual(['spin@3']);
    expect(found(`a:m {\n x a # lint-ignore: unreachable no\n * finish\n}\n${TAIL}`)).toEqual([
      'spin@2',
      'unused-ignore@2',
    ]);
  });

  it('may stack before a line, and stand anywhere for what the whole table lacks', () => {
    const text =
      '# lint-ignore: missing-failure ends where it stands\n# lint-ignore: missing-terminate as well\na {\n * finish\n}\n';
    expect(found(text)).toEqual([]);
    expect(
      found(`# lint-ignore: unreachable kept for old tasks\n# lint-ignore: spin cheap\nb:m {\n x b\n}\n`),
    ).toContain('spin@4');
  });

  it('is not called unused where nobody could have found what it is for: in a text without its class', () => {
    const text = `a:m {\n # lint-ignore: covered-by-star as rare as the others\n * finish\n}\n${TAIL}`;
    expect(found(text)).toEqual([]);
    const task = { methods: new Map([['m', ['ok']]]) };
    const ignores = parseLintIgnores(text);
    expect(lintTable(parseStateTable(text), { ignores, task }).ignored).toMatchObject([{ rule: 'covered-by-star' }]);
  });

  it('is an error without a reason or without a rule that exists', () => {
    expect(found(`a:m {\n x a # lint-ignore: spin\n * finish\n}\n${TAIL}`)).toEqual(['spin@2', 'bad-ignore@2']);
    expect(found(`a {\n * finish # lint-ignore: spinning because\n}\n${TAIL}`)).toEqual(['bad-ignore@2']);
    expect(found(`a {\n * finish # lint-ignore:\n}\n${TAIL}`)).toEqual(['bad-ignore@2']);
  });
});
