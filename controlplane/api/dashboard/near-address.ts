/** Paths of pages. All of them are one document, which shows the page of its address. */
export const DASHBOARD_PAGES = ['/', '/tasks/:id', '/queue', '/clusters', '/health'] as const;

/** The list of tasks is the first page, and everybody who is not signed in is asked for a token wherever that is. */
const OTHER_NAMES: Readonly<Record<string, string>> = { '/tasks': '/', '/login': '/' };
const TASK = /^\/tasks\/[\w-]+$/;

/** Returns the address of the page that is meant by a path where there is none, such as one with a slash at its end; null: no page. */
export function nearAddress(path: string): string | null {
  const plain = path.replace(/\/+$/, '');
  const other = Object.hasOwn(OTHER_NAMES, plain) ? OTHER_NAMES[plain] : undefined;
  if (other !== undefined) return other;
  const isPage = TASK.test(plain) || DASHBOARD_PAGES.some((page) => page === plain);
  return isPage && plain !== path ? plain : null;
}

/** Whether an answer is for a person in front of a browser: programs name other types, or take any. */
export function isForPerson({ method, accept }: { readonly method: string; readonly accept: string }): boolean {
  return (method === 'GET' || method === 'HEAD') && /\btext\/html\b/.test(accept);
}
