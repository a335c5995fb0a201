/**
 * Returns why a text cannot be the address of a control plane, as a whole clause; null when it can. The clause does not repeat a
 * user name and password in the text, because errors go into logs.
 */
export function whyNoServerAddress(text: string): string | null {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return `"${text}" is not the address of a server`;
  if (url.username !== '' || url.password !== '') {
    return `The address of the server at ${url.host} has a name or password in it, which Wip does not use`;
  }
  // The parser leaves out line breaks and tabs, and the text with them is no address any more when a path is appended.
  if (/\s/.test(text)) return `${JSON.stringify(text)} is not the address of a server: it has a blank or a line break`;
  if (url.search === '' && url.hash === '') return null;
  return `"${text}" is not the address of a server: it has ${url.search === '' ? 'a fragment' : 'a query'}`;
}

/** Returns why a text cannot be a token, as the end of a clause; null when it can. An HTTP header holds no other characters. */
export function whyNoToken(text: string): string | null {
  if (text === '') return 'is empty';
  return /^[\x21-\x7e]+$/.test(text) ? null : 'has blanks, line breaks or characters that are not ASCII';
}
