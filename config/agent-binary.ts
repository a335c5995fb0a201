import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// pkg's public functions use only a node binary that pkg downloads, never the one that is installed. Hence the deep
// import, and the exact version in package.json.
import { default as pkg, type SeaConfig } from 'pkg/lib-es5/sea.js';
import { bundleAgent } from './agent-bundle.ts';
import { rehearseAgent } from './agent-binary/rehearse.ts';

/**
 * 64 MiB of heap are four times what the agent needs under load; a leak ends the agent rather than the build. Small
 * semi-spaces keep garbage from growing the resident memory: V8's own default is 16 MiB, three times over. Optimizing
 * for size saves another 4 MB. Eight seconds after the last big collection V8 collects again, twice: the second finds
 * 0.1 MB and takes 20 ms, a tenth of the processor time of an idle agent in its first minute (measured 2026-11).
 */
const EXEC_ARGV = [
  '--max-old-space-size=64',
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--memory-reducer-gc-count=1',
];

/**
 * The names that a CommonJS module expects in its scope. ssh2 computes the path of a Windows helper from __dirname.
 */
const AS_FUNCTION = { before: '(function(require){"use strict";var module={},exports={},__dirname="/";', after: '})' };

/**
 * Node 24's fields that pkg's types do not have yet: the flags above, and that NODE_OPTIONS of the build set none.
 */
interface SeaConfigOfNode24 extends SeaConfig {
  readonly execArgv: readonly string[];
  readonly execArgvExtension: 'none';
}

/** Makes dist/wip-agent from the sources and the pinned Node, without a network. Takes some 10 s. */
export async function buildAgentBinary(root: string): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'wip-build-'));
  const binary = join(root, 'dist', 'wip-agent');
  const fresh = `${binary}.${process.pid}.tmp`;
  try {
    mkdirSync(join(root, 'dist'), { recursive: true });
    const node = strippedNode(root, work);
    const bundle = join(work, 'agent.js');
    await bundleAgent(root, bundle, AS_FUNCTION);
    const cache = join(work, 'agent.cache');
    const recorder = join(root, 'config', 'agent-binary', 'record.cjs');
    await rehearseAgent([node, ...EXEC_ARGV, recorder, bundle, cache]);
    const seaConfig: SeaConfigOfNode24 = {
      disableExperimentalSEAWarning: true,
      useSnapshot: false,
      useCodeCache: false,
      execArgv: EXEC_ARGV,
      execArgvExtension: 'none',
      assets: { 'agent.js': bundle, 'agent.cache': cache },
    };
    await pkg.default(join(root, 'config', 'agent-binary', 'start.cjs'), {
      targets: [{ nodeRange: 'node24', platform: 'linux', arch: process.arch, output: fresh }],
      nodePath: node,
      seaConfig,
    });
    checkBinary(fresh);
    renameSync(fresh, binary);
    return binary;
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(fresh, { force: true });
  }
}

/**
 * Returns a node binary without symbols, which is 15 MB smaller. An image without binutils gets the larger binary.
 */
function strippedNode(root: string, work: string): string {
  const pinned = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  const node = join(work, 'node');
  copyFileSync(pinned, node);
  const { error } = spawnSync('strip', [node], { stdio: 'ignore' });
  if (error) console.error('There is no "strip" here (binutils): the binary gets 15 MB larger.');
  return node;
}

/** Checks that the binary starts and that V8 accepts the recorded code. V8 reports a refused cache on stderr. */
function checkBinary(binary: string): void {
  const { status, stdout, stderr } = spawnSync(binary, ['--version'], { encoding: 'utf8', cwd: '/', env: {} });
  if (status === 0 && /^wip-agent \d/.test(stdout) && stderr === '') return;
  throw new Error(`The binary does not work: exit code ${status}, stdout "${stdout}", stderr "${stderr}"`);
}
