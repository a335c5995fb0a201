import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAgentBinary } from '../../config/agent-binary.ts';

export interface PlacedBinary {
  readonly path: string;
  remove(): void;
}

/**
 * Compiles the agent, and copies it piece by piece. A file written in one piece lies in large folios of the page
 * cache, and a process that touches one page has the whole folio in its resident memory: 16 MB more than with an
 * image's file, which was unpacked piece by piece.
 */
export async function placeAgentBinary(): Promise<PlacedBinary> {
  const built = await buildAgentBinary(join(import.meta.dirname, '../..'));
  const place = mkdtempSync(join(tmpdir(), 'wip-bench-'));
  const path = join(place, 'wip-agent');
  execFileSync('dd', [`if=${built}`, `of=${path}`, 'bs=32k', 'status=none']);
  chmodSync(path, 0o755);
  return { path, remove: () => rmSync(place, { recursive: true }) };
}
