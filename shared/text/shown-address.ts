/** Returns whether an address has neither a user nor a password, which everybody who reads a stored address would see. */
export function hasNoUser(address: string): boolean {
  const url = URL.parse(address);
  return url === null || (url.username === '' && url.password === '');
}

export const NO_USER = 'must not hold a user or a password, which everybody would see and nothing would send';

/** Returns whether paths can be appended to the address of a service: it has no user, password, query or fragment. */
export function isBaseAddress(address: string): boolean {
  return hasNoUser(address) && !/[?#]/.test(address);
}

const SECRET_PARAMETER = /pass|secret|token|key|signature|credential|auth/i;
const HIDDEN = 'hidden';

/** Returns an address without credentials, so that people may see it. A text that is not an address is returned unchanged. */
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
