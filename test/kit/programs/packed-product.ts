import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CHECKOUT } from './program.ts';

const PackAnswer = z.tuple([
  z.object({
    filename: z.string(),
    size: z.number(),
    unpackedSize: z.number(),
    files: z.array(z.object({ path: z.string(), size: z.number() })),
  }),
]);

const Manifest = z.object({
  name: z.string(),
  bin: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});

export interface PackedProduct {
  readonly tarball: string;
  readonly bytes: number;
  readonly unpackedBytes: number;
  /** Paths in the package, with `/`. */
  readonly files: readonly string[];
}

function readManifest(directory: string): z.infer<typeof Manifest> {
  return Manifest.parse(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')));
}

/**
 * Packs the package into `directory`: what `npm pack` does, without its script, which may install and always builds. A
 * package that is newer than its sources is not built again.
 */
export function packProduct(directory: string): PackedProduct {
  const run = (program: string, args: readonly string[]): string =>
    execFileSync(program, args, {
      cwd: CHECKOUT,
      encoding: 'utf8',
      env: { ...process.env, npm_config_cache: join(directory, 'npm-cache') },
    });
  run(process.execPath, ['--disable-warning=ExperimentalWarning', 'config/build.ts', 'package']);
  const [packed] = PackAnswer.parse(
    JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', directory])),
  );
  return {
    tarball: join(directory, packed.filename),
    bytes: packed.size,
    unpackedBytes: packed.unpackedSize,
    files: packed.files.map(({ path }) => path),
  };
}

/**
 * Does what `npm install TARBALL` does in a project, without a network: the product is unpacked, what the product and
 * the project depend on is linked from this checkout, and nothing else can be found.
 */
export function installProduct(product: PackedProduct, project: string): void {
  const modules = join(project, 'node_modules');
  const unpacked = join(modules, 'wip-ecs');
  mkdirSync(unpacked, { recursive: true });
  execFileSync('tar', ['-xzf', product.tarball, '--strip-components=1', '-C', unpacked]);
  const { dependencies } = readManifest(unpacked);
  const wanted = readManifest(project);
  const names = Object.keys({ ...dependencies, ...wanted.dependencies, ...wanted.devDependencies });
  for (const name of new Set(names)) if (name !== 'wip-ecs') linkFromCheckout(name, modules);
  for (const name of ['wip-ecs', ...Object.keys(wanted.devDependencies)]) linkCommands(name, modules);
}

function linkFromCheckout(name: string, modules: string): void {
  mkdirSync(dirname(join(modules, name)), { recursive: true });
  symlinkSync(join(CHECKOUT, 'node_modules', name), join(modules, name));
}

function linkCommands(name: string, modules: string): void {
  mkdirSync(join(modules, '.bin'), { recursive: true });
  const { bin } = readManifest(join(modules, name));
  for (const [command, path] of Object.entries(bin)) {
    const file = join(modules, name, path);
    symlinkSync(file, join(modules, '.bin', command));
    if (name === 'wip-ecs') chmodSync(file, 0o755);
  }
}
