/** Paths of pages. All of them are one document, which shows the page of its address. */
export const DASHBOARD_PAGES = ['/', '/tasks/:id', '/queue', '/clusters', '/health'] as const;

/**
 * Redirects of addresses that people guess. The list of tasks is the first page, and there is no sign-in page: every page asks
 * for a token.
 */
const OTHER_NAMES: Readonly<Record<string, string>> = { '/tasks': '/', '/login': '/' };
const TASK = /^\/tasks\/[\w-]+$/;

/** Returns the address of the page that an unknown path most likely means, such as one with a slash at its end; null: none is similar. */
export function suggestPage(path: string): string | null {
  const plain = path.replace(/\/+$/, '');
  const other = Object.hasOwn(OTHER_NAMES, plain) ? OTHER_NAMES[plain] : undefined;
  if (other !== undefined) return other;
  const isPage = TASK.test(plain) || DASHBOARD_PAGES.some((page) => page === plain);
  return isPage && plain !== path ? plain : null;
}

/** Returns whether a person with a browser asks: programs accept other media types, or any. */
export function isForPerson({ method, accept }: { readonly method: string; readonly accept: string }): boolean {
  return (method === 'GET' || method === 'HEAD') && /\btext\/html\b/.test(accept);
}
