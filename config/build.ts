// Builds what runs apart from the sources.
//
//   node config/build.ts           dist/ for publishing, and in it dist/wip-agent.cjs: the agent in one file, which starts
//                                  three times as fast as its modules do
//   node config/build.ts bundle    only that file, some 0.2 s; nothing is done when it is newer than its sources
//   node config/build.ts agent     dist/wip-agent: the agent compiled, for build images
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleAgent } from './agent-bundle.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const bundle = join(root, 'dist', 'wip-agent.cjs');

async function buildBundle(): Promise<void> {
  // The bundle is written beside its final path first: another demo may be starting an agent from that path at this
  // moment.
  const outfile = `${bundle}.${process.pid}.tmp`;
  mkdirSync(dirname(bundle), { recursive: true });
  await bundleAgent(root, outfile, { before: '"use strict";', after: '' });
  renameSync(outfile, bundle);
}

/** Sources of the bundle. The lockfile stands for the libraries. */
const BUNDLED = ['agent', 'shared', 'config/agent-bundle.ts', 'package-lock.json'];

function isBundleCurrent(): boolean {
  const files = BUNDLED.flatMap((name) => {
    const path = join(root, name);
    if (!statSync(path).isDirectory()) return [path];
    // The time of a directory changes when a file in it is removed.
    return [path, ...readdirSync(path, { recursive: true, encoding: 'utf8' }).map((file) => join(path, file))];
  });
  const built = statSync(bundle, { throwIfNoEntry: false });
  return built !== undefined && files.every((file) => statSync(file).mtimeMs < built.mtimeMs);
}

async function buildPackage(): Promise<void> {
  await buildBundle();
  console.log(`built ${bundle.slice(root.length + 1)}`);
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const compiled = spawnSync(tsc, ['-p', 'config/tsconfig.package.json'], { cwd: root, stdio: 'inherit' });
  process.exitCode = compiled.status ?? 1;
}

async function buildBinary(): Promise<void> {
  // Imported here only: a caller who wants the bundle should not wait for pkg to load.
  const { buildAgentBinary } = await import('./agent-binary.ts');
  const binary = await buildAgentBinary(root);
  console.log(`built ${binary.slice(root.length + 1)}, ${Math.round(statSync(binary).size / 1e6)} MB`);
}

switch (process.argv[2]) {
  case 'agent':
    await buildBinary();
    break;
  case 'bundle':
    if (!isBundleCurrent()) await buildBundle();
    break;
  default:
    await buildPackage();
}
