interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** Returns what was said against one field of the form, as a sentence; null: nothing. */
export function fieldProblemAt(problems: readonly FieldProblem[], path: string): string | null {
  const own = problems.filter((one) => one.path === path || one.path.startsWith(`${path}.`));
  if (own.length === 0) return null;
  return own.map(({ path: at, message }) => sentence(at.slice(path.length + 1), message)).join(' ');
}

/** Returns whether each problem stands beside a field that is shown. What does not is said below the form. */
export function haveFields(problems: readonly FieldProblem[], shown: readonly string[]): boolean {
  return problems.every(({ path }) => shown.some((field) => path === field || path.startsWith(`${field}.`)));
}

/** `below`: where in a list of lines, such as `1.weight`. */
function sentence(below: string, message: string): string {
  const [index, key] = below.split('.');
  if (index === undefined || index === '') {
    const text = /^(is|must|has|cannot)\b/.test(message) ? `It ${message}` : message;
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  }
  return `Entry ${Number(index) + 1}${key === undefined ? '' : `, ${key}`}: ${message}.`;
}
