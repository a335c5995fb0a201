import type { OperationalError } from '../../shared/model/error.ts';
import { escapeLines } from '../../shared/text/quote.ts';
import type { ServerRefusal } from './client/server-refusal.ts';

/** An error for people: two sentences and the code. */
export function errorText({ message, code }: OperationalError | ServerRefusal): string {
  return escapeLines(`wipctl: ${message} [${code}]\n`);
}
