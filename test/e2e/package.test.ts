import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import { installProduct, packProduct, type PackedProduct } from '../kit/packed-product.ts';
import { Program, Workplace } from '../kit/program.ts';

let place: Workplace;
let product: PackedProduct;
/** Where the package was unpacked, as in a project that depends on it. */
let unpacked: string;
beforeAll(() => {
  place = new Workplace();
  product = packProduct(place.directory);
  const project = place.path('project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', dependencies: { 'wip-ecs': '*' } }));
  installProduct(product, project);
  unpacked = join(project, 'node_modules', 'wip-ecs');
}, 120_000);
afterAll(() => place.remove());

const Exports = z.record(z.string(), z.object({ types: z.string(), default: z.string() }));
const exported = Object.values(Exports.parse(manifest.exports));

function packedFiles(ending: string): string[] {
  return product.files.filter((path) => path.startsWith('dist/') && path.endsWith(ending)).toSorted();
}

describe('the package', { timeout: 60_000 }, () => {
  it('holds the two programs, their shipped configuration and the documents that npm shows', () => {
    expect(product.files.filter((path) => !path.startsWith('dist/')).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'config/config.ecs.yml',
      'config/config.ini',
      'config/controlplane.yml',
      'package.json',
    ]);
    const others = product.files.filter((path) => path.startsWith('dist/') && !/\.(d\.ts|js)$/.test(path));
    expect(others).toEqual(['dist/wip-agent.cjs']);
  });

  it('holds the modules that its commands and exports reach, and no other', async () => {
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
    expect(packedFiles('.js')).toEqual(Object.keys(metafile.inputs).toSorted());
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
    expect(product.bytes).toBeLessThan(1_500_000);
    expect(product.unpackedBytes).toBeLessThan(5_000_000);
  });

  it.each(Object.entries(manifest.bin))('has the command %s, which runs from there', async (_name, path) => {
    const { code, out, err } = await Program.start(join(unpacked, path), ['--version']).ended;
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(manifest.version);
  });
});
