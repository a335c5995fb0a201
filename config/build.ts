// Builds what runs apart from the sources.
//
//   node config/build.ts           dist/ for publishing, and in it dist/wip-agent.cjs: the agent in one file, which starts
//                                  three times as fast as its modules do
//   node config/build.ts bundle    only that file, some 0.2 s
//   node config/build.ts agent     dist/wip-agent: the agent compiled, for build images
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleAgent } from './agent-bundle.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Answers the path of the bundle. */
async function buildBundle(): Promise<string> {
  const bundle = join(root, 'dist', 'wip-agent.cjs');
  // Beside it first: somebody else's demo may be starting an agent from it this very moment.
  const outfile = `${bundle}.${process.pid}.tmp`;
  mkdirSync(dirname(bundle), { recursive: true });
  await bundleAgent(root, outfile, { before: '"use strict";', after: '' });
  renameSync(outfile, bundle);
  return bundle;
}

async function buildPackage(): Promise<void> {
  console.log(`built ${(await buildBundle()).slice(root.length + 1)}`);
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const compiled = spawnSync(tsc, ['-p', 'config/tsconfig.package.json'], { cwd: root, stdio: 'inherit' });
  process.exitCode = compiled.status ?? 1;
}

async function buildBinary(): Promise<void> {
  // Only here: who wants the bundle should not wait for pkg to load.
  const { buildAgentBinary } = await import('./agent-binary.ts');
  const binary = await buildAgentBinary(root);
  console.log(`built ${binary.slice(root.length + 1)}, ${Math.round(statSync(binary).size / 1e6)} MB`);
}

switch (process.argv[2]) {
  case 'agent':
    await buildBinary();
    break;
  case 'bundle':
    await buildBundle();
    break;
  default:
    await buildPackage();
}
