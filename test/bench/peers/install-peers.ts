import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Exact versions, so that a figure can be measured again. Nothing of the product depends on them. */
export const PEERS = {
  'graphile-worker': '0.18.0',
  'pg-boss': '12.38.0',
  '@dbos-inc/dbos-sdk': '5.3.0',
} as const;
export type PeerPackage = keyof typeof PEERS;

const PLACE = path.join(import.meta.dirname, '../../../node_modules/.cache/bench-peers');
// Some 90 packages, 34 MB: 15 s over a good line.
const INSTALL_MS = 180_000;

export type Installed = { readonly kind: 'ready'; readonly directory: string } | { readonly kind: 'none'; why: string };

/** Installs the peers into a directory of their own, once. A failure is returned and not thrown. */
export async function installPeers(): Promise<Installed> {
  await mkdir(PLACE, { recursive: true });
  if (await isInstalled()) return { kind: 'ready', directory: PLACE };
  await writeFile(path.join(PLACE, 'package.json'), JSON.stringify({ private: true, dependencies: PEERS }));
  console.error(`wip: installing ${Object.keys(PEERS).join(', ')} to compare with (once) …`);
  try {
    const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await promisify(execFile)('npm', words, { cwd: PLACE, timeout: INSTALL_MS });
  } catch (error) {
    return { kind: 'none', why: whyOf(error) };
  }
  return { kind: 'ready', directory: PLACE };
}

async function isInstalled(): Promise<boolean> {
  const versions = await Promise.all(
    Object.entries(PEERS).map(async ([name, wanted]) => {
      try {
        const text = await readFile(path.join(PLACE, 'node_modules', name, 'package.json'), 'utf8');
        return (JSON.parse(text) as { version: string }).version === wanted;
      } catch {
        return false; // not there, or only in part
      }
    }),
  );
  return versions.every((isWanted) => isWanted);
}

/** Returns npm's own code if it gave one, because its sentences contain addresses. */
function whyOf(error: unknown): string {
  const { stderr = '', code, killed } = error as { stderr?: string; code?: string | number; killed?: boolean };
  if (killed) return `npm did not end within ${INSTALL_MS / 1_000} s`;
  return `npm could not install them (${/npm error code (\w+)/.exec(stderr)?.[1] ?? code ?? 'no code'})`;
}
