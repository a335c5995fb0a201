import { randomBytes } from 'node:crypto';
import { Secret } from '../../../shared/support/secret.ts';

/** 256 random bits, in the form in which people recognise a token of Wip. */
export function createToken(): Secret<string> {
  return new Secret(`wip_${randomBytes(32).toString('base64url')}`);
}
