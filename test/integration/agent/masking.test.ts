import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretPatterns, maskAll } from '../../../agent/process/secrets/masker.ts';

/** A program that prints every character of the secret in `$SECRET`, in a form of its own. */
interface Tool {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Matches the rest of the tool's output, which may stay unmasked. */
  readonly clear: RegExp;
}

const perl = (code: string): readonly [string, ...string[]] => ['perl', '-CSDA', '-MJSON::PP', '-e', code];
const python = (code: string): readonly [string, ...string[]] => [
  'python3',
  '-c',
  `import os; s=os.environ["SECRET"]; ${code}`,
];
const node = (code: string): readonly [string, ...string[]] => ['node', '-e', `const s = process.env.SECRET; ${code}`];
const bash = (code: string): readonly [string, ...string[]] => ['bash', '-c', code];

const QUOTES = /^[\s'"$+:,.[\]{}()<>=-]*$/;

const TOOLS: readonly Tool[] = [
  { name: 'bash: set -x', command: bash('set -x; : "$SECRET"'), clear: QUOTES },
  { name: 'bash: set -x in the C locale', command: bash('LC_ALL=C; set -x; : "$SECRET"'), clear: QUOTES },
  { name: 'bash: set -x of an assignment', command: bash('set -x; x=$SECRET'), clear: /^[\s'"$+x=]*$/ },
  { name: 'dash: set -x', command: ['dash', '-c', 'set -x; : "$SECRET"'], clear: QUOTES },
  { name: 'bash: printf %q', command: bash('printf %q "$SECRET"'), clear: QUOTES },
  { name: 'bash: ${x@Q}', command: bash('echo "${SECRET@Q}"'), clear: QUOTES },
  { name: 'bash: declare -p', command: bash('declare -p SECRET'), clear: /^declare -x SECRET="?[\s'"$]*$/ },
  { name: 'bash: echo', command: bash('echo $SECRET'), clear: QUOTES },
  { name: 'env', command: bash('env | grep -A9 -a ^SECRET='), clear: /^SECRET=[\s\S]*$/ },
  { name: 'base64', command: bash('printf %s "$SECRET" | base64'), clear: /^\s*[A-Za-z0-9+/]?=*\s*$/ },
  { name: 'base64 of a line', command: bash('echo "$SECRET" | base64'), clear: /^\s*[A-Za-z0-9+/]{0,3}=*\s*$/ },
  { name: 'openssl base64', command: bash('printf %s "$SECRET" | openssl base64'), clear: /^\s*[A-Za-z0-9+/]?=*\s*$/ },
  { name: 'xxd -p', command: bash('printf %s "$SECRET" | xxd -p'), clear: QUOTES },
  { name: 'od -An -tx1', command: bash('printf %s "$SECRET" | od -v -An -tx1'), clear: QUOTES },
  { name: 'jq', command: bash('jq -n "env.SECRET"'), clear: QUOTES },
  { name: 'jq -a', command: bash('jq -an "env.SECRET"'), clear: QUOTES },
  { name: 'jq @sh', command: bash('jq -rn "env.SECRET | @sh"'), clear: QUOTES },
  { name: 'jq @uri', command: bash('jq -rn "env.SECRET | @uri"'), clear: QUOTES },
  { name: 'jq @html', command: bash('jq -rn "env.SECRET | @html"'), clear: QUOTES },
  { name: 'jq @csv', command: bash('jq -rn "[env.SECRET] | @csv"'), clear: QUOTES },
  { name: 'jq @base64', command: bash('jq -rn "env.SECRET | @base64"'), clear: /^\s*[A-Za-z0-9+/]?=*\s*$/ },
  { name: 'jq: JSON in JSON', command: bash('jq -n "env.SECRET | tojson"'), clear: /^[\s"\\]*$/ },
  { name: 'Node: JSON', command: node('console.log(JSON.stringify({ s }))'), clear: /^[\s"{}:s]*$/ },
  { name: 'Node: console.log', command: node('console.log([s])'), clear: /^[\s"'`[\]]*$/ },
  { name: 'Node: encodeURIComponent', command: node('console.log(encodeURIComponent(s))'), clear: QUOTES },
  { name: 'Node: form', command: node('console.log(new URLSearchParams({ s }).toString())'), clear: /^s=\s*$/ },
  { name: 'Node: encodeURI', command: node('console.log(encodeURI(s))'), clear: QUOTES },
  { name: 'Node: a Buffer in JSON', command: node('console.log(JSON.stringify([...Buffer.from(s)]))'), clear: QUOTES },
  { name: 'Python: json', command: python('import json; print(json.dumps(s))'), clear: QUOTES },
  { name: 'Python: repr', command: python('print(repr(s))'), clear: QUOTES },
  { name: 'Python: ascii', command: python('print(ascii(s))'), clear: QUOTES },
  { name: 'Python: repr of bytes', command: python('print(s.encode())'), clear: /^b['"]+\s*$/ },
  { name: 'Python: shlex', command: python('import shlex; print(shlex.quote(s))'), clear: QUOTES },
  { name: 'Python: quote', command: python('import urllib.parse as u; print(u.quote(s))'), clear: QUOTES },
  { name: 'Python: quote_plus', command: python('import urllib.parse as u; print(u.quote_plus(s))'), clear: QUOTES },
  { name: 'Python: html', command: python('import html; print(html.escape(s))'), clear: QUOTES },
  {
    name: 'Python: XML as ASCII',
    command: python(
      'from xml.sax.saxutils import escape as e; print(e(s).encode("ascii", "xmlcharrefreplace").decode())',
    ),
    clear: QUOTES,
  },
  {
    name: 'Python: base64',
    command: python('import base64; print(base64.encodebytes(s.encode()).decode())'),
    clear: /^\s*[A-Za-z0-9+/]?=*\s*$/,
  },
  {
    name: 'Python: quoted-printable',
    command: python('import quopri; print(quopri.encodestring(s.encode(), quotetabs=True).decode())'),
    clear: /^[\s=]*$/,
  },
  { name: 'Python: hex', command: python('print(s.encode().hex(":"))'), clear: QUOTES },
  { name: 'Python: list', command: python('print(list(s.encode()))'), clear: QUOTES },
  { name: 'Python: re.escape', command: python('import re; print(re.escape(s))'), clear: QUOTES },
  { name: 'Perl: quotemeta', command: ['perl', '-e', 'print quotemeta $ENV{SECRET}'], clear: /^\\?$/ },
  {
    name: 'Perl: JSON as ASCII',
    command: perl('use Encode; print JSON::PP->new->ascii->encode([decode("UTF-8", $ENV{SECRET})])'),
    clear: QUOTES,
  },
  {
    name: 'ls: quoting',
    command: bash(
      'cd "$(mktemp -d)" && n=${SECRET//\\//_} && : > "$n" && ls --quoting-style=shell-escape-always; rm -r "$PWD"',
    ),
    clear: QUOTES,
  },
  {
    name: 'git: quoting',
    command: bash(
      'cd "$(mktemp -d)" && git init -q . && n=${SECRET//\\//_} && : > "$n" && git status --porcelain; rm -rf "$PWD"',
    ),
    clear: /^[?\s"]*$/,
  },
];

const anyCharacter = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...'abcXYZ0123456789') },
  { weight: 4, arbitrary: fc.constantFrom(...`'"\\\`$&<>%+=!#;:,.?@ -_~(){}[]|^*`) },
  { weight: 1, arbitrary: fc.constantFrom('ä', '€', '\u{1f511}', '密') },
);

/** Long and short ones. Each begins and ends with a letter, because a tool may strip blanks. */
const SECRETS = [
  `it's "quoted" & <tagged> \\ $HOME \`x\` 100% #1; a=b+c`,
  'päss-wörd-密-\u{1f511}-€',
  'x'.padEnd(80, `k3y'"\\&%`),
  ...fc.sample(fc.string({ unit: anyCharacter, minLength: 6, maxLength: 100 }), { numRuns: 5, seed: 20_261_128 }),
].map((text) => `a7${text.trim()}z9`);

function isInstalled(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

function needs({ command }: Tool): string[] {
  const inner = /\b(?:openssl|xxd|jq|git|od)\b/.exec(command.join(' '))?.[0];
  return [command[0], ...(inner === undefined || command[0] !== 'bash' ? [] : [inner])];
}

describe('a secret that a program prints', () => {
  for (const tool of TOOLS) {
    const missing = needs(tool).filter((name) => !isInstalled(name));
    it.skipIf(missing.length > 0)(`is masked: ${tool.name}`, () => {
      const [command, ...args] = tool.command;
      for (const secret of SECRETS) {
        const file = tool.name.endsWith('quoting') ? secret.replaceAll('/', '_') : secret;
        const { stdout, stderr } = spawnSync(command, args, {
          // The programs of the system come first: a version manager's script before each costs more than the program.
          // Without SHLVL, a bash whose input is a socket assumes that rshd started it, and reads ~/.bashrc.
          env: { PATH: `/usr/bin:/bin:${process.env['PATH'] ?? ''}`, LANG: 'C.UTF-8', SHLVL: '1', SECRET: file },
        });
        const secretPatterns = createSecretPatterns();
        secretPatterns.add([file]);
        const printed = Buffer.concat([stdout, stderr]);
        const masked = maskAll(printed, secretPatterns).toString();
        expect(printed.length, `${tool.name} printed nothing of ${secret}`).toBeGreaterThan(4);
        expect(masked.replaceAll('*', ''), `${tool.name} of ${secret}: ${printed.toString()}`).toMatch(tool.clear);
      }
    });
  }
});
