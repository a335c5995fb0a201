/** Whether an address holds neither a user nor a password: where it is only written down, everybody who reads it has them. */
export function hasNoUser(address: string): boolean {
  const url = URL.parse(address);
  return url === null || (url.username === '' && url.password === '');
}

export const NO_USER = 'must not hold a user or a password, which everybody would see and nothing would send';

/** Whether paths can be put behind an address of a service: no user and password, no query, no fragment. */
export function isBaseAddress(address: string): boolean {
  return hasNoUser(address) && !/[?#]/.test(address);
}

const SECRET_PARAMETER = /pass|secret|token|key|signature|credential|auth/i;
const HIDDEN = 'hidden';

/** Returns an address as people may see it: without what lets somebody in. Text that is no address stays as it is. */
export function shownAddress(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  const url = URL.parse(text);
  if (!url) return `(${HIDDEN})`;
  const parameters = [...url.searchParams.keys()].filter((name) => SECRET_PARAMETER.test(name));
  // Over http a user alone is usually a token.
  const isToken = url.username !== '' && url.password === '' && /^https?:$/.test(url.protocol);
  if (url.password === '' && !isToken && parameters.length === 0) return text;
  if (isToken) url.username = HIDDEN;
  if (url.password !== '') url.password = HIDDEN;
  for (const name of parameters) url.searchParams.set(name, HIDDEN);
  return url.href;
}
