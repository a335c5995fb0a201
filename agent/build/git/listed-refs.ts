// As long as a path of Linux, which a branch is in a repository of files.
const MAX_NAME_CHARACTERS = 4_096;

/** A name of SHA-1 or of SHA-256, and a full ref name without blanks and controls (git-check-ref-format). */
const LINE = /^([0-9a-f]{40}(?:[0-9a-f]{24})?)\t(refs\/[^\x00-\x20\x7f~^:?*[\\]+)$/;

/**
 * Ref names with the names of their objects, from what `git ls-remote` prints. The other side chooses the lines; a name
 * of an object becomes an argument of the next command, so a line that is not as it should be is left out.
 */
export function parseListedRefs(stdout: string): ReadonlyMap<string, string> {
  const refs = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const [, object, ref] = LINE.exec(line) ?? [];
    if (object !== undefined && ref !== undefined && ref.length <= MAX_NAME_CHARACTERS) refs.set(ref, object);
  }
  return refs;
}
