import { readFileSync } from 'node:fs';
import { messageOf, OperationalError } from '../../shared/model/error.ts';

// Half as long as the tokens of `wipctl tokens create` (256 bits, 43 characters of base64), which cannot be guessed
// either.
const LEAST_CHARACTERS = 22;

/** Where the operator wrote the first token. Both may be given while one is changed for the other. */
export interface AdminTokenSources {
  readonly token?: string | undefined;
  readonly file?: string | undefined;
}

/** Returns the tokens that are always an administrator's. Throws CONFIG_INVALID when a given one cannot be used. */
export function readAdminTokens({ token, file }: AdminTokenSources): string[] {
  return [
    ...(token === undefined ? [] : [readToken('WIP_ADMIN_TOKEN', () => token)]),
    ...(file === undefined ? [] : [readToken(file, () => readFileSync(file, 'utf8'))]),
  ];
}

function readToken(from: string, read: () => string): string {
  try {
    const token = read().trim();
    if (/^[\x21-\x7e]+$/.test(token) && token.length >= LEAST_CHARACTERS) return token;
    throw new Error(`it must hold one word of at least ${LEAST_CHARACTERS} characters`);
  } catch (cause) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `The admin token in ${from} cannot be used: ${messageOf(cause)}`,
      remedy: 'Write one with "openssl rand -base64 32" and make it readable for this node only',
      cause,
    });
  }
}
