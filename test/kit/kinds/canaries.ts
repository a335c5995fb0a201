import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createSshKeyPair } from '../../../shared/keys/ssh-key.ts';

/** A secret that appears nowhere else, and the texts that reveal it wherever they turn up. */
export interface Canary {
  readonly value: string;
  readonly forms: readonly string[];
}

export function createCanary(): Canary {
  return canaryOf(`canary-${randomBytes(16).toString('hex')}`);
}

/** Makes a working private key. Each of its lines reveals it. */
export function createKeyCanary(): Canary {
  const { privateKey } = createSshKeyPair();
  // The first lines of all such keys are the same (the format's name, the cipher, the public half).
  const lines = privateKey.trim().split('\n').slice(3, -1);
  return { value: privateKey, forms: lines.flatMap((line) => canaryOf(line.slice(0, 40)).forms) };
}

export function canaryOf(value: string): Canary {
  const bytes = Buffer.from(value);
  // base64 of a text that holds the value at any position: the characters that do not depend on the bytes around it.
  const encoded = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return text.slice(before === 0 ? 0 : 4, text.length - 4);
  });
  const forms = [value, encodeURIComponent(value), bytes.toString('hex'), ...encoded];
  return {
    value,
    forms: [...new Set([...forms, ...encoded.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))])],
  };
}

/** Returns the names of the canaries that the text holds, in any form. */
export function canariesIn(text: string, canaries: Readonly<Record<string, Canary>>): string[] {
  return Object.entries(canaries)
    .filter(([, { forms }]) => forms.some((form) => text.includes(form)))
    .map(([name]) => name);
}

/** A canary in a process. */
export interface Sighting {
  readonly place: 'cmdline' | 'environ';
  readonly name: string;
}

/**
 * Returns where on this machine a process has a canary in its command line or its environment: `<pid> <place>
 * <name>`. `judge` is asked about each process before it is read, since it may end meanwhile and then have no parents.
 */
export function canariesInProcesses(
  canaries: Readonly<Record<string, Canary>>,
  judge: (pid: number) => (sighting: Sighting) => boolean,
): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const mayKnow = judge(Number(pid));
      return (['cmdline', 'environ'] as const).flatMap((place) =>
        canariesIn(readOr('', join('/proc', pid, place)), canaries)
          .filter((name) => !mayKnow({ place, name }))
          .map((name) => `${pid} ${place} ${name}: ${readOr('', join('/proc', pid, 'cmdline')).replaceAll('\0', ' ')}`),
      );
    });
}

/** Returns the files below the directory that hold a canary: `<path> <name>`. */
export function canariesInFiles(directory: string, canaries: Readonly<Record<string, Canary>>): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => isFile(join(directory, name)))
    .flatMap((name) => canariesIn(readOr('', join(directory, name)), canaries).map((canary) => `${name} ${canary}`));
}

/** Reads a file of a running system: it may have vanished since it was listed. */
function readOr(otherwise: string, path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return otherwise;
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false; // As above.
  }
}
