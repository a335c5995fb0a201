/**
 * Returns whether a name fits a pattern in which `*` stands for any characters, slashes too, as in `release/*`. One or
 * the other of several patterns is enough; one with a leading `!` excludes.
 */
export function fits(patterns: readonly string[], name: string): boolean {
  const [excluding, including] = [true, false].map((is) => patterns.filter((one) => one.startsWith('!') === is));
  const isExcluded = (excluding ?? []).some((pattern) => fitsOne(pattern.slice(1), name));
  return !isExcluded && (including?.length === 0 || (including ?? []).some((pattern) => fitsOne(pattern, name)));
}

/**
 * Looks for each piece between two stars at the first place where it is: what a later place would leave to the rest, the first leaves too.
 * So nothing is tried twice. A regular expression tries every place of every piece: names are of strangers, and one with thousands of hyphens
 * stopped a node.
 */
function fitsOne(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
