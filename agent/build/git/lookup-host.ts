import { lookup } from 'node:dns/promises';

/** Every address that the system's resolver has for the name. Throws its error when there is none. */
export async function lookupHost(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
