import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBuildFile } from '../../../agent/build/file/build-file.ts';
import { expandVariables, stepEnvironment } from '../../../agent/build/step/step-environment.ts';

function environmentOf(buildFile: string, environment: Record<string, string> = {}, own: Record<string, string> = {}) {
  return stepEnvironment(environment, own, parseBuildFile(buildFile, 'build.yaml').file);
}

describe('expandVariables', () => {
  const values = new Map([
    ['A', 'one'],
    ['AB', 'two'],
    ['EMPTY', ''],
  ]);
  it.each([
    ['$A', 'one'],
    ['${A}B', 'oneB'],
    ['$AB', 'two'],
    ['$A$A', 'oneone'],
    ['[$EMPTY]', '[]'],
    ['$UNKNOWN', '$UNKNOWN'],
    ['${UNKNOWN}', '${UNKNOWN}'],
    ['\\$A', '$A'],
    ['5 $', '5 $'],
    ['$5', '$5'],
    ['${A', '${A'],
    ['$(A)', '$(A)'],
  ])('makes of %s: %s', (text, expected) => expect(expandVariables(text, values)).toBe(expected));

  it('leaves text without a dollar sign alone', () => {
    const dollarless = fc.string().map((text) => text.replaceAll('$', ''));
    fc.assert(
      fc.property(dollarless, (text) => {
        expect(expandVariables(text, values)).toBe(text);
      }),
    );
  });
});

describe('stepEnvironment', () => {
  it('lets a variable use an earlier one, the environment and SOURCE_DIR, but not a later one', () => {
    const file = 'version: 1.0.0\nvariables: {global: {A: "$B", B: "$SOURCE_DIR/b", C: "$B:$PATH"}}\n';
    const made = environmentOf(file, { PATH: '/bin' }, { SOURCE_DIR: '/src' });
    expect(made).toMatchObject({ A: '$B', B: '/src/b', C: '/src/b:/bin' });
  });

  it('takes a secure value as it is, and lets a plain one use it', () => {
    const file = 'version: 1.0.0\nvariables: {global: {S: {secure: x}, URL: "https://$S@host"}}\n';
    const made = environmentOf(file, { WIP_SECURE_VAR_S: 'pa$PATH' });
    expect(made).toMatchObject({ S: 'pa$PATH', URL: 'https://pa$PATH@host' });
  });

  it('passes no WIP_ variable on, except the one by which the agent finds processes', () => {
    const given = { WIP_PROCESS: 'p', WIP_SECURE_VAR_X: 's', WIP_ENROL: 't', OTHER: 'o' };
    expect(environmentOf('version: 1.0.0\n', given)).toEqual({
      PATH: expect.any(String),
      LANG: 'C.UTF-8',
      WIP_PROCESS: 'p',
      OTHER: 'o',
    });
  });

  it('names every secure value that was not handed over', () => {
    const file =
      'version: 1.0.0\nvariables: {global: {S: {secure: x}, T: {secure: x}}}\nssh-keys: {my-key: {secure: x}}\n';
    expect(() => environmentOf(file, { WIP_SECURE_VAR_T: '' })).toThrow(
      expect.objectContaining({
        code: 'SECURE_VALUE_MISSING',
        message: expect.stringContaining('"S" (WIP_SECURE_VAR_S), the SSH key "my-key" (WIP_SECURE_KEY_my_key)'),
      }),
    );
  });
});
