/**
 * Returns whether a name fits a pattern in which `*` stands for any characters, slashes too, as in `release/*`. One or
 * the other of several patterns is enough; one with a leading `!` excludes.
 */
export function fits(patterns: readonly string[], name: string): boolean {
  const [excluding, including] = [true, false].map((is) => patterns.filter((one) => one.startsWith('!') === is));
  const isExcluded = (excluding ?? []).some((pattern) => expression(pattern.slice(1)).test(name));
  return (
    !isExcluded && (including?.length === 0 || (including ?? []).some((pattern) => expression(pattern).test(name)))
  );
}

function expression(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
