import { readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import { OwnProject } from '../kit/programs/own-project.ts';
import { packProduct, type PackedProduct } from '../kit/programs/packed-product.ts';
import { Program, Workplace } from '../kit/programs/program.ts';

let place: Workplace;
let product: PackedProduct;
let project: OwnProject;
/** The package in the project's node_modules. */
let unpacked: string;
beforeAll(() => {
  place = new Workplace();
  product = packProduct(place.directory);
  project = new OwnProject(product, place.path('restore-check'));
  unpacked = project.path('node_modules', 'wip-ecs');
});
afterAll(() => place.remove());

const Exports = z.record(z.string(), z.object({ types: z.string(), default: z.string() }));
const exported = Object.values(Exports.parse(manifest.exports));

function packedFiles(ending: string): string[] {
  return product.files.filter((path) => /^dist\/(?!dashboard\/)/.test(path) && path.endsWith(ending)).toSorted();
}

/** The modules that the command and the exports of the package lead to, with what each imports. */
async function reachedModules(): Promise<Metafile['inputs']> {
  const { metafile } = await build({
    entryPoints: [manifest.bin.wipctl, ...exported.map((entry) => entry.default)].map((path) => join(unpacked, path)),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: place.path('unused'),
    write: false,
    metafile: true,
    absWorkingDir: unpacked,
  });
  return metafile.inputs;
}

/** `zod` of `zod/v4`, `@aws-sdk/client-ecs` of itself. */
function packageOf(specifier: string): string {
  return /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
}

describe('the package', () => {
  it('holds the two programs, their shipped configuration, what AWS is told, and the documents that npm shows', () => {
    expect(product.files.filter((path) => !path.startsWith('dist/')).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'config/build-file.schema.json',
      'config/config.ecs.yml',
      'config/config.ini',
      'config/controlplane.yml',
      'docker/README.md',
      'docker/agent-binary.md',
      'docker/aws/iam/build-execution.json',
      'docker/aws/iam/control-plane-assume-role.json',
      'docker/aws/iam/control-plane-execution.json',
      'docker/aws/iam/control-plane.json',
      'docker/aws/iam/machine.json',
      'docker/aws/templates/endpoints.json',
      'docker/aws/templates/nat.json',
      'docker/backup.md',
      'docker/guide.md',
      'docker/keys.md',
      'docker/legacy-entrypoint.sh',
      'docker/sizing.md',
      'docker/upgrade.md',
      'package.json',
    ]);
    const others = product.files.filter((path) => path.startsWith('dist/') && !/\.(d\.ts|js)$/.test(path));
    const plain = others.map((path) => path.replace(/-[A-Z0-9]{8}\./, '-HASH.'));
    expect(plain.toSorted()).toEqual([
      'dist/dashboard/index.html',
      'dist/dashboard/style-HASH.css',
      'dist/wip-agent.cjs',
    ]);
  });

  it('holds every file that its dashboard names, and one that is loaded later', () => {
    const read = (path: string): string => readFileSync(join(unpacked, path), 'utf8');
    const files = product.files.filter((path) => path.startsWith('dist/dashboard/'));
    const named = [...read('dist/dashboard/index.html').matchAll(/"\/assets\/([^"]+)"/g)].map(([, name]) => name);
    expect(named).toHaveLength(3); // style, program, and what it loads first
    for (const name of named) expect(files).toContain(`dist/dashboard/${name}`);
    expect(files.some((path) => /\/uPlot[^/]*\.js$/.test(path))).toBe(true);
  });

  it('holds the modules that its commands and exports reach, and no other', async () => {
    expect(packedFiles('.js')).toEqual(Object.keys(await reachedModules()).toSorted());
  });

  it('imports nothing but what it depends on', async () => {
    const imported = Object.values(await reachedModules()).flatMap(({ imports }) => imports);
    const packages = imported.filter(({ external }) => external).map(({ path }) => packageOf(path));
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    expect(packages.filter((name) => !isBuiltin(name) && !declared.includes(name))).toEqual([]);
  });

  it('holds the declarations that its exports reach, and no other', () => {
    const program = ts.createProgram({
      rootNames: exported.map((entry) => join(unpacked, entry.types)),
      options: { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2024, types: [], noEmit: true },
    });
    const reached = program.getSourceFiles().map(({ fileName }) => relative(unpacked, fileName));
    expect(packedFiles('.d.ts')).toEqual(reached.filter((path) => path.startsWith('dist/')).toSorted());
  });

  it('is small: the compiled agent of 111 MB, which may lie in dist/ too, is not in it', () => {
    // 0.7 MB and 2.4 MB when this was written.
    expect(product.bytes).toBeLessThan(2_000_000);
    expect(product.unpackedBytes).toBeLessThan(6_000_000);
  });

  it.each(Object.entries(manifest.bin))('has the command %s, which runs from there', async (_name, path) => {
    const { code, out, err } = await Program.start(join(unpacked, path), ['--version']).ended;
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(manifest.version);
  });
});

const DUMP = `create table customer (name); insert into customer values ('ann'), ('bob'); create table invoice (sum);`;

describe('a project that depends on the package', () => {
  it('compiles against its declarations, without skipping a check of them', async () => {
    const silent = { code: 0, out: '', err: '' };
    expect(await Promise.all([project.run('types'), project.run('build')])).toEqual([silent, silent]);
  });

  it('lints, simulates and draws its class', async () => {
    expect(await project.run('lint')).toMatchObject({
      code: 0,
      out: './dist/restore-check.js#RestoreCheck: no errors, no warnings.\n',
    });
    const simulated = await project.wipctl('table', 'simulate', './dist/restore-check.js', '--runs', '500').ended;
    expect([simulated.code, simulated.err]).toEqual([0, '']);
    expect(await project.run('draw')).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(project.path('restore-check.svg'), 'utf8')).toContain('dumpIsIncomplete');
  });

  it('passes its tests with vitest and with node:test', async () => {
    const [vitest, node] = await Promise.all([project.run('test'), project.run('test:node')]);
    expect(vitest.code, vitest.out + vitest.err).toBe(0);
    expect(node.code, node.out + node.err).toBe(0);
    expect(node.out).toMatch(/^ℹ pass [1-9]/m);
  });

  it('starts local ECS by itself with wipctl ecs local', async () => {
    const local = project.wipctl('ecs', 'local', '--port', '0', '--json');
    await local.says('"endpoint":"http://127.0.0.1:');
    expect(await local.close()).toMatchObject({ code: 0, err: '' });
    await place.becomesQuiet();
  });

  it('runs it with wipctl dev --kinds, and wipctl add says how each check ended', async () => {
    writeFileSync(project.path('good.sql'), DUMP);
    writeFileSync(project.path('damaged.sql.gz'), gzipSync(DUMP).subarray(0, 40));
    const dev = project.wipctl('dev', '--kinds', './dist/restore-check.js', '--port', '0');
    try {
      await dev.says('npx wipctl add RestoreCheck --watch');
      await dev.says('Ctrl-C ends it.');
      const check = (...options: string[]) => project.wipctl('add', 'RestoreCheck', '--watch', ...options).ended;
      const [good, fewer, damaged, wrong] = await Promise.all([
        check('--option', `dump=${project.path('good.sql')}`),
        check('--option', `dump=${project.path('good.sql')}`, '--option', 'rows=3'),
        check('--option', `dump=${project.path('damaged.sql.gz')}`),
        check('--option', 'dmup=backup.sql'),
      ]);
      expect([good.code, good.err]).toEqual([0, '']);
      expect(good.out).toContain(' completed: The dump can be restored: 2 tables and 2 rows.');
      expect(fewer.code).toBe(1);
      expect(fewer.out).toContain('The dump has only 2 tables and 2 rows, and 3 rows were expected.');
      expect(damaged.code).toBe(1);
      expect(damaged.out).toContain(
        'failed through an error in the build: The dump cannot be restored: unexpected end of file',
      );
      expect(wrong.code).toBe(4);
      expect(wrong.err).toContain('dump is missing; dmup is not known');
    } finally {
      await dev.close();
    }
    await place.becomesQuiet();
  });
});
