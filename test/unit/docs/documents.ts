import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const FOLDERS = ['agent', 'controlplane', 'shared', 'config', 'docker', 'test'];
// Material recorded from others, and generated files.
const NOT_OURS = /(^|\/)(node_modules|fixtures|\.wip)\//;

export interface Document {
  /** Relative to the root of the project. */
  readonly path: string;
  readonly text: string;
}

export function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function allDocuments(): Document[] {
  const inRoot = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const inFolders = FOLDERS.filter((folder) => existsSync(join(ROOT, folder))).flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !NOT_OURS.test(`/${name}`))
      .map((name) => join(folder, name)),
  );
  return [...inRoot, ...inFolders].map((path) => ({ path, text: readDocument(path) }));
}

/** Removes fenced blocks: what looks like a link in them is none, and the files in them are the reader's. */
function withoutBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}

/** Returns the relative links of a document that lead nowhere, each as `document: link`. */
export function brokenLinks({ path, text }: Document): string[] {
  const links = [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
  return links
    .filter((link) => !/^[a-z]+:/.test(link) && !link.startsWith('#'))
    .filter((link) => !existsSync(join(ROOT, dirname(path), link.split('#')[0] ?? '')))
    .map((link) => `${path}: ${link}`);
}

/**
 * Returns the sources that a document names and that do not exist. Documents of a room name files relative to the room.
 */
export function missingSources({ path, text }: Document): string[] {
  const named = [...withoutBlocks(text).matchAll(/`([\w./-]+\/[\w.-]+\.(?:ts|mjs|cjs))`/g)].map(
    ([, name]) => name ?? '',
  );
  const places = ['.', dirname(path), 'controlplane', 'agent'];
  return named
    .filter((name) => !name.startsWith('dist/'))
    .filter((name) => !places.some((place) => existsSync(join(ROOT, place, name))))
    .map((name) => `${path}: ${name}`);
}

/** Returns the rows of the table below a heading: the cells, without backticks around a cell. */
export function tableAfter(text: string, heading: string): string[][] {
  const from = text.indexOf(`\n## ${heading}\n`);
  if (from === -1) throw new Error(`there is no heading "${heading}"`);
  const lines = text
    .slice(from + 1)
    .split('\n')
    .slice(1);
  const first = lines.findIndex((line) => line.startsWith('|'));
  const rest = lines.slice(first);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(2, end === -1 ? undefined : end).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
  );
}

/** Returns the folders of a room, as ARCHITECTURE.md writes them. */
export function roomsBelow(folder: string): string[] {
  const inside = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return inside.filter((entry) => entry.isDirectory()).map((entry) => `${folder}/${entry.name}/`);
}
