// Builds what runs apart from the sources.
//
//   node config/build.ts           dist/ for publishing, and in it dist/wip-agent.cjs: the agent in one file, which starts
//                                  three times as fast as its modules do
//   node config/build.ts package   the same; nothing is done when it is newer than its sources
//   node config/build.ts bundle    only that file, some 0.2 s; nothing is done when it is newer than its sources
//   node config/build.ts dashboard    dist/dashboard, what browsers load; nothing is done when it is newer than its sources
//   node config/build.ts agent     dist/wip-agent: the agent compiled, for build images; with --arch arm64
//                                  dist/wip-agent-arm64 (docker/agent-binary.md says what that needs)
//   node config/build.ts image     dist/ and dist/image, what docker/controlplane.Dockerfile copies
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARCHITECTURES, type Architecture } from './agent-binary/base-node.ts';
import { bundleAgent } from './agent-bundle.ts';
import { bundleDashboard } from './dashboard-bundle.ts';
import { buildImageTrees } from './image-tree.ts';
import { removeUnreached } from './remove-unreached.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const bundle = join(root, 'dist', 'wip-agent.cjs');

async function buildBundle(): Promise<void> {
  // The bundle is written beside its final path first: another demo may be starting an agent from that path at this
  // moment.
  const outfile = `${bundle}.${process.pid}.tmp`;
  mkdirSync(dirname(bundle), { recursive: true });
  await bundleAgent(root, outfile, { before: '"use strict";', after: '' });
  chmodSync(outfile, 0o755); // it is the package's command wip-agent
  renameSync(outfile, bundle);
}

/** Sources of the bundle. The lockfile stands for the libraries. */
const BUNDLED = ['agent', 'shared', 'config/agent-bundle.ts', 'package-lock.json'];

const dashboard = join(root, 'dist', 'dashboard');
/** Sources of the dashboard. What else of the control plane it imports are types. */
const SHOWN = ['controlplane/dashboard', 'shared/model', 'config/dashboard-bundle.ts', 'package-lock.json'];

function isCurrent(built: string, sources: readonly string[]): boolean {
  const files = sources.flatMap((name) => {
    const path = join(root, name);
    if (!statSync(path).isDirectory()) return [path];
    // The time of a directory changes when a file in it is removed.
    return [path, ...readdirSync(path, { recursive: true, encoding: 'utf8' }).map((file) => join(path, file))];
  });
  const made = statSync(built, { throwIfNoEntry: false });
  return made !== undefined && files.every((file) => statSync(file).mtimeMs < made.mtimeMs);
}

/** What the compiler writes into dist/, a directory for each of ours. A module that is gone must not stay there. */
const COMPILED = ['agent', 'controlplane', 'shared', 'test'];

/** Written last, with the time at which the build began: what was changed meanwhile is newer. */
const packageBuilt = join(root, 'dist', '.package-built');
/** Sources of the package, and what it is built with. Of the tests it has the test kit. */
const PACKAGED = [
  ...['agent', 'controlplane', 'shared', 'test/testkit', 'config'],
  ...['package.json', 'package-lock.json', 'tsconfig.json'],
];

async function buildPackage(): Promise<void> {
  rmSync(packageBuilt, { force: true });
  const began = new Date();
  await buildBundle();
  console.log(`built ${bundle.slice(root.length + 1)}`);
  await bundleDashboard(root, dashboard);
  console.log(`built ${dashboard.slice(root.length + 1)}`);
  for (const name of COMPILED) rmSync(join(root, 'dist', name), { recursive: true, force: true });
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const compiled = spawnSync(tsc, ['-p', 'config/tsconfig.package.json'], { cwd: root, stdio: 'inherit' });
  if (compiled.status !== 0) throw new Error(`tsc ended with ${compiled.status ?? compiled.signal}`);
  const { bin, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const modules = [bin.wipctl, ...Object.values(exports).map((entry) => entry.default)];
  removeUnreached(root, '.js', modules);
  removeUnreached(
    root,
    '.d.ts',
    Object.values(exports).map((entry) => entry.types),
  );
  writeFileSync(packageBuilt, '');
  utimesSync(packageBuilt, began, began);
}

/** What package.json offers. The agent is a bundle of its own. */
interface Manifest {
  readonly bin: { readonly wipctl: string };
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

async function buildBinary(): Promise<void> {
  // Imported here only: a caller who wants the bundle should not wait for pkg to load.
  const { buildAgentBinary } = await import('./agent-binary.ts');
  const binary = await buildAgentBinary(root, architectureOf(process.argv.slice(3)));
  console.log(`built ${binary.slice(root.length + 1)}, ${Math.round(statSync(binary).size / 1e6)} MB`);
}

/** Returns undefined for this machine's own. */
function architectureOf(args: readonly string[]): Architecture | undefined {
  if (args.length === 0) return undefined;
  const [option, value] = args.length === 1 ? (args[0] ?? '').split('=', 2) : args;
  const architecture = ARCHITECTURES.find((name) => name === value);
  if (option === '--arch' && architecture !== undefined && args.length <= 2) return architecture;
  throw new Error(`"${args.join(' ')}" is not understood: write --arch ${ARCHITECTURES.join(' or --arch ')}`);
}

switch (process.argv[2]) {
  case 'agent':
    await buildBinary();
    break;
  case 'image':
    await buildPackage();
    await buildImageTrees(root);
    console.log('built dist/image');
    break;
  case 'package':
    if (!isCurrent(packageBuilt, PACKAGED)) await buildPackage();
    break;
  case 'bundle':
    if (!isCurrent(bundle, BUNDLED)) await buildBundle();
    break;
  case 'dashboard':
    if (!isCurrent(join(dashboard, 'index.html'), SHOWN)) await bundleDashboard(root, dashboard);
    break;
  default:
    await buildPackage();
}
