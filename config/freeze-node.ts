// Keeps the control plane of a checkout as a test fixture, under the number of its schema. Nodes of later schemas are
// tested beside it (test/faults/previous-schema.test.ts), so it is made of each version that nodes may be updated from:
//
//   npm run freeze:node                 of this checkout
//   npm run freeze:node -- DIRECTORY    of another one, when there are new migrations here already
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const fixtures = join(root, 'test', 'fixtures', 'previous-node');

async function readSchemaNumber(checkout: string): Promise<number> {
  const file = pathToFileURL(join(checkout, 'controlplane', 'store', 'migrations', 'all.ts')).href;
  const { MIGRATIONS } = (await import(file)) as { MIGRATIONS: readonly { readonly number: number }[] };
  return Math.max(...MIGRATIONS.map(({ number }) => number));
}

/** Bundles the node without libraries: the frozen node runs on the libraries of the checkout that tests it. */
async function bundleNode(checkout: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(checkout, 'controlplane', 'main.ts')],
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifyWhitespace: true,
    minifySyntax: true,
    write: false,
    logLevel: 'warning',
  });
  return outputFiles[0]!.contents;
}

const checkout = resolve(process.argv[2] ?? root);
const name = `schema-${await readSchemaNumber(checkout)}.mjs.gz`;
const code = gzipSync(await bundleNode(checkout), { level: 9 });
mkdirSync(fixtures, { recursive: true });
for (const old of readdirSync(fixtures).filter((file) => file.endsWith('.mjs.gz'))) rmSync(join(fixtures, old));
writeFileSync(join(fixtures, name), code);
// A node reads the configuration that ships with it, and refuses keys of later ones.
copyFileSync(join(checkout, 'config', 'config.ecs.yml'), join(fixtures, 'config.ecs.yml'));
console.log(`kept ${name}, ${Math.round(code.length / 1_000)} kB`);
