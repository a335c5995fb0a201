/** The rules of git-check-ref-format, less those that only a very odd name could break; git itself checks again. */
export function isRefName(name: string): boolean {
  return (
    /^[^\s~^:?*[\\\x00-\x1f\x7f]+$/.test(name) &&
    !/^[-/.]|\.\.|\/\/|\/\.|@\{|\.lock(\/|$)|[/.]$/.test(name) &&
    name !== '@'
  );
}

/** The name of a branch without refs/heads/, or null when no branch can have it. */
export function branchName(path: string): string | null {
  const name = path.replace(/^refs\/heads\//, '');
  return isRefName(name) && !name.startsWith('refs/') ? name : null;
}

/** `Name <address>`, as the author of a commit is written. */
export function parseAuthor(text: string): { name: string; email: string } | null {
  const match = /^([^<>\n]*[^<>\s])\s*<([^<>\s]+)>$/.exec(text.trim());
  return match?.[1] && match[2] ? { name: match[1], email: match[2] } : null;
}
