import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

// What docker/controlplane.Dockerfile copies: the files of the built package that `wipctl` reaches without local ECS and
// the test kit, the libraries that those import, and the pinned Node. And what local ECS needs besides, for an image on
// top of it. Nothing is downloaded: the libraries are those that the lockfile has installed.

/** Parts that a node of the control plane never runs; the commands that load them say that they are not there. */
const LEFT_OUT = /\/dist\/(controlplane\/localecs|test)\/|\/cli\/node\/(start-development|run-local-ecs)\.js$/;
/** What Node never reads of a library: types, maps, tests, sources, and modules for bundlers. */
const NOT_RUN =
  /\.d\.[cm]?ts$|\.map$|\.test\.[cm]?[jt]s$|\/dist-types$|\/node_modules\/@(aws-sdk|smithy)\/[^/]+\/dist-es$|\/node_modules\/zod\/src$/;

const MAIN = 'dist/controlplane/main.js';

interface Reached {
  readonly files: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
}

/** Makes dist/image/controlplane and dist/image/local-ecs of the built package. */
export async function buildImageTrees(root: string): Promise<void> {
  const trees = join(root, 'dist', 'image');
  rmSync(trees, { recursive: true, force: true });
  const [thin, whole] = [await reach(root, LEFT_OUT), await reach(root, null)];
  const node = copierTo(root, join(trees, 'controlplane'));
  for (const file of thin.files) node.copy(file);
  for (const path of ['dist/dashboard', 'dist/wip-agent.cjs', 'config', 'package.json', 'LICENSE'].flatMap(shipped)) {
    node.copy(path);
  }
  const libraries = closureOf(root, thin.packages);
  for (const path of libraries) node.copy(path);
  mkdirSync(join(trees, 'controlplane', 'bin'));
  copyFileSync(
    join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node'),
    join(trees, 'controlplane/bin/node'),
  );
  chmodSync(join(trees, 'controlplane', MAIN), 0o755);
  symlinkSync(`../${MAIN}`, join(trees, 'controlplane', 'bin', 'wipctl'));
  const local = copierTo(root, join(trees, 'local-ecs'));
  for (const file of whole.files) if (!thin.files.has(file)) local.copy(file);
  for (const path of closureOf(root, whole.packages)) if (!libraries.has(path)) local.copy(path);
}

/** The configuration that ships, and not the scripts beside it. */
function shipped(path: string): string[] {
  if (path !== 'config') return [path];
  return ['config.ecs.yml', 'config.ini', 'controlplane.yml', 'build-file.schema.json'].map((name) => `config/${name}`);
}

function copierTo(root: string, directory: string): { copy: (path: string) => void } {
  return {
    copy(path) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      const isNested = (source: string): boolean => source.slice(join(root, path).length).includes('/node_modules');
      // Libraries within a library are copied under their own path when somebody needs them.
      const filter = (source: string): boolean => !NOT_RUN.test(source) && !isNested(source);
      cpSync(join(root, path), join(directory, path), { recursive: true, filter });
    },
  };
}

/** Returns the built files and the packages that the command leads to, also those that it loads later. */
async function reach(root: string, leftOut: RegExp | null): Promise<Reached> {
  const leave: Plugin = {
    name: 'leave-out',
    setup: ({ onResolve }) => {
      onResolve({ filter: /^\./ }, ({ path, resolveDir }) =>
        leftOut?.test(join(resolveDir, path)) ? { path, external: true } : undefined,
      );
    },
  };
  const { metafile } = await build({
    entryPoints: [join(root, MAIN)],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: join(root, 'dist', 'unused'),
    write: false,
    metafile: true,
    absWorkingDir: root,
    plugins: [leave],
  });
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
  const specifiers = imported.map(({ path }) => path).filter((path) => !path.startsWith('.') && !isBuiltin(path));
  return {
    files: new Set(Object.keys(metafile.inputs)),
    packages: new Set(specifiers.map((path) => /^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path)),
  };
}

interface LibraryManifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** Returns the directories of these packages and of all that they depend on, relative to the root. */
function closureOf(root: string, names: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [...names].map((name) => ({ name, from: '' }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const path = findLibrary(root, next.name, next.from);
    if (found.has(path)) continue;
    found.add(path);
    const manifest = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as LibraryManifest;
    const peers = Object.keys(manifest.peerDependencies ?? {}).filter(
      (name) => manifest.peerDependenciesMeta?.[name]?.optional !== true,
    );
    for (const name of [...Object.keys(manifest.dependencies ?? {}), ...peers]) waiting.push({ name, from: path });
  }
  return found;
}

/** Finds a package as Node does: beside who asks, and then further up. */
function findLibrary(root: string, name: string, from: string): string {
  for (let directory = from; ; directory = directory.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const path = join(directory, 'node_modules', name);
    if (existsSync(join(root, path, 'package.json'))) return path;
    if (directory === '') throw new Error(`${name}, which ${from || 'the control plane'} needs, is not installed`);
  }
}
