// Says whether a release can be made of this checkout, and what is missing: `npm run release:check`. Leaves the bill of
// materials in dist/. Changes nothing else, publishes nothing, and needs no network but for `npm audit`.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashSources } from '../docker/aws/sources-hash.mjs';
import { bundleAgent } from './agent-bundle.ts';
import { isAllowed, listRuntimePackages, readLockfile } from './runtime-packages.ts';
import { makeSoftwareBill } from './software-bill.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { name, version } = JSON.parse(read('package.json')) as { readonly name: string; readonly version: string };

/** What is wrong, with what to do; none when the check is passed. */
type Check = () => readonly string[] | Promise<readonly string[]>;

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}

/** Runs a program of the checkout. Returns its last lines when it fails. */
function failureOf(program: string, args: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (status === 0) return [];
  return [`"${[program, ...args].join(' ')}" failed:\n${`${stdout}${stderr}`.split('\n').slice(-30).join('\n')}`];
}

const CHECKS: Readonly<Record<string, Check>> = {
  'everything is committed': () =>
    git('status', '--porcelain') === '' ? [] : ['Commit or remove what "git status" shows: a release is a commit.'],

  'one version everywhere': () => [
    ...(readLockfile(root).version === version ? [] : ['Run "npm install": package-lock.json has another version.']),
    ...(read('agent/main.ts').includes(`const VERSION = '${version}';`) ? [] : ['Correct VERSION in agent/main.ts.']),
    ...(read('README.md').includes(`Version ${version}.`) ? [] : ['Correct the version below Status in README.md.']),
    ...(read('CHANGELOG.md').includes(`\n## [${version}] - `)
      ? []
      : [`Give CHANGELOG.md a heading "## [${version}] - <date>" with what is below "Unreleased".`]),
  ],

  'every dependency is pinned by its content, and from no certain registry': () =>
    Object.entries(readLockfile(root).packages).flatMap(([path, { integrity, resolved }]) => [
      ...(path === '' || integrity !== undefined ? [] : [`package-lock.json has no integrity of ${path}.`]),
      ...(resolved === undefined ? [] : [`package-lock.json names a registry for ${path}: .npmrc leaves it out.`]),
    ]),

  'every licence of what is installed with it is allowed': () =>
    listRuntimePackages(root)
      .filter(({ licence }) => !isAllowed(licence))
      .map(
        (each) =>
          `${each.name} ${each.version} has the licence ${each.licence}: replace it, or decide (config/runtime-packages.ts).`,
      ),

  'the bill of materials is written': () => {
    const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
    const printed: unknown = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' }));
    const date = new Date(git('show', '-s', '--format=%cI', 'HEAD'));
    const bill = makeSoftwareBill({ printed, product: name, packages: listRuntimePackages(root), date });
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(join(root, 'dist', `${name}-${version}.cdx.json`), bill);
    return [];
  },

  'the same sources make the same agent': async () => {
    const directory = mkdtempSync(join(tmpdir(), 'wip-release-'));
    try {
      const [first, second] = [await hashBundle(directory, 'first'), await hashBundle(directory, 'second')];
      console.log(`    sha256 of the agent's bundle: ${first}`);
      return first === second ? [] : ['Two bundles of the agent differ: find what takes the time or chance in.'];
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },

  'the templates of docker/aws are current': () =>
    read('docker/aws/templates/sources.sha256').trim() === hashSources(join(root, 'docker', 'aws'))
      ? []
      : ['Run "npm run aws:synth" and commit what it writes.'],

  'the package holds what it should and nothing else': () =>
    failureOf(join(root, 'node_modules', '.bin', 'vitest'), ['run', 'test/unit/package', 'test/e2e/package.test.ts']),

  'no known weakness in what is installed with it': () => auditFailure(),
};

/** A registry that does not answer has not said that all is well, and it has not named a weakness either. */
function auditFailure(): string[] {
  const [failure] = failureOf('npm', ['audit', '--omit', 'dev']);
  if (failure === undefined) return [];
  return /audit endpoint|network|ENOTFOUND|ECONNREFUSED/.test(failure)
    ? [`The registry did not say: run it again where it answers "npm audit".\n${failure}`]
    : [failure];
}

async function hashBundle(directory: string, file: string): Promise<string> {
  const path = join(directory, `${file}.cjs`);
  await bundleAgent(root, path, { before: '"use strict";', after: '' });
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

let failures = 0;
for (const [what, check] of Object.entries(CHECKS)) {
  const problems = await check();
  failures += problems.length === 0 ? 0 : 1;
  console.log(`${problems.length === 0 ? '✓' : '✗'} ${what}`);
  for (const problem of problems) console.log(`    ${problem}`);
}
console.log(
  failures === 0
    ? `\n${name} ${version} can be released.`
    : `\n${failures} to correct before ${name} ${version} can be released.`,
);
process.exitCode = failures === 0 ? 0 : 1;
