import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// pkg's public functions use only a node binary that pkg downloads, never the one that is installed. Hence the deep
// import, and the exact version in package.json.
import { default as pkg, type SeaConfig } from 'pkg/lib-es5/sea.js';
import { bundleAgent } from './agent-bundle.ts';
import { copyBaseNode, requireRunnable, type Architecture } from './agent-binary/base-node.ts';
import { readNeededLibraries } from './agent-binary/elf-versions.ts';
import { locateAssets } from './agent-binary/locate-assets.ts';
import { rehearseAgent } from './agent-binary/rehearse.ts';
import { rehearseBuild } from './agent-binary/rehearse-build.ts';
import { tooDemanding } from './agent-binary/system-libraries.ts';

/**
 * 64 MiB of heap are four times what the agent needs under load; a leak ends the agent rather than the build. Small
 * semi-spaces keep garbage from growing the resident memory: V8's own default is 16 MiB, three times over. Optimizing
 * for size saves another 4 MB. Eight seconds after the last big collection V8 collects again, twice: the second finds
 * 0.1 MB and takes 20 ms, a tenth of the processor time of an idle agent in its first minute (measured 2026-11).
 *
 * A start fills 11 MB of old space. Without its initial size V8 collects twice on the way, for nothing; and a single
 * thread does what V8 does beside the program, instead of four that each take memory. Together they are a sixth of the
 * processor time until the agent is ready (measured 2026-11).
 *
 * Not --disable-sigusr1: it blocks the signal, so that the agent's own handler, which ends it in order, would never run.
 */
export const EXEC_ARGV = [
  '--max-old-space-size=64',
  '--initial-old-space-size=16',
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--memory-reducer-gc-count=1',
  '--v8-pool-size=1',
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

/** A program that is emulated takes some twenty times as long. */
const PATIENCE_MS = { own: 60_000, emulated: 300_000 };

/**
 * Makes dist/wip-agent, or dist/wip-agent-arm64, from the sources and the pinned Node. Takes some 10 s, and minutes for
 * another processor than this machine's, whose Node is fetched the first time.
 */
export async function buildAgentBinary(root: string, architecture = ownArchitecture()): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'wip-build-'));
  const binary = join(root, 'dist', architecture === 'x64' ? 'wip-agent' : `wip-agent-${architecture}`);
  const fresh = `${binary}.${process.pid}.tmp`;
  try {
    mkdirSync(join(root, 'dist'), { recursive: true });
    const node = join(work, 'node');
    copyBaseNode(root, architecture, node);
    requireRunnable(node, architecture);
    const bundle = join(work, 'agent.js');
    await bundleAgent(root, bundle, AS_FUNCTION);
    const [cache, buildCache] = [join(work, 'agent.cache'), join(work, 'build.cache')];
    const recorder = join(root, 'config', 'agent-binary', 'record.cjs');
    const patienceMs = architecture === process.arch ? PATIENCE_MS.own : PATIENCE_MS.emulated;
    await rehearseAgent([node, ...EXEC_ARGV, recorder, bundle, cache], patienceMs);
    rehearseBuild(
      [node, ...EXEC_ARGV, recorder, bundle, buildCache],
      mkdtempSync(join(work, 'rehearsal-')),
      patienceMs,
    );
    const assets = { 'agent.js': bundle, 'agent.cache': cache, 'build.cache': buildCache };
    const seaConfig: SeaConfigOfNode24 = {
      disableExperimentalSEAWarning: true,
      useSnapshot: false,
      useCodeCache: false,
      execArgv: EXEC_ARGV,
      execArgvExtension: 'none',
      assets,
    };
    await pkg.default(join(root, 'config', 'agent-binary', 'start.cjs'), {
      targets: [{ nodeRange: 'node24', platform: 'linux', arch: architecture, output: fresh }],
      nodePath: node,
      seaConfig,
    });
    locateAssets(fresh, assets);
    checkBinary(fresh);
    renameSync(fresh, binary);
    return binary;
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(fresh, { force: true });
  }
}

function ownArchitecture(): Architecture {
  if (process.arch === 'x64' || process.arch === 'arm64') return process.arch;
  throw new Error(`The agent is built for x64 and arm64, and this machine has ${process.arch}`);
}

/**
 * Checks that the binary starts, that V8 accepts the recorded code, which it reports on stderr otherwise, and that
 * supported systems have the libraries.
 */
function checkBinary(binary: string): void {
  const problems = tooDemanding(readNeededLibraries(readFileSync(binary)));
  if (problems.length > 0) throw new Error(`The binary would not start everywhere: ${problems.join(' ')}`);
  const { status, stdout, stderr } = spawnSync(binary, ['--version'], { encoding: 'utf8', cwd: '/', env: {} });
  if (status === 0 && /^wip-agent \d/.test(stdout) && stderr === '') return;
  throw new Error(`The binary does not work: exit code ${status}, stdout "${stdout}", stderr "${stderr}"`);
}
