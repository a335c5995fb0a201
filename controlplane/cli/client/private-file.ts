import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';

export type PrivateFile =
  | { readonly kind: 'absent' }
  /** `why`: a clause for people. */
  | { readonly kind: 'untrusted'; readonly why: string }
  | { readonly kind: 'text'; readonly text: string };

const DIRECTORY = { what: 'its directory', forbidden: 0o002 };
const FILE = { what: 'it', forbidden: 0o077 };

/**
 * Reads a file that only its owner can have written: nobody else may read or write it, or write to its directory. A checked-out
 * repository cannot contain such a file, because git makes files readable for everybody; nor can another user plant one. Throws
 * CONFIG_INVALID.
 */
export function readPrivateFile(path: string, remedy: string): PrivateFile {
  try {
    const elsewhere = whyNotOwn(statSync(dirname(path)), DIRECTORY);
    if (elsewhere !== null) return { kind: 'untrusted', why: elsewhere };
    // Without this flag, opening a pipe without a writer would wait for ever.
    const opened = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(opened);
      const why = stats.isFile() ? whyNotOwn(stats, FILE) : 'it is no file';
      return why === null ? { kind: 'text', text: readFileSync(opened, 'utf8') } : { kind: 'untrusted', why };
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    if (code === 'ELOOP') return { kind: 'untrusted', why: 'it is a symbolic link' };
    if (code === 'ENXIO') return { kind: 'untrusted', why: 'it is no file' };
    throw new OperationalError('CONFIG_INVALID', {
      happened: `${path} cannot be read: ${messageOf(error)}`,
      remedy,
      cause: error,
    });
  }
}

function whyNotOwn({ uid, mode }: Stats, { what, forbidden }: { what: string; forbidden: number }): string | null {
  if (uid !== process.geteuid?.()) return `${what} belongs to another user`;
  return (mode & forbidden) === 0 ? null : `other users may use ${what} (mode ${(mode & 0o777).toString(8)})`;
}
