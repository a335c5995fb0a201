import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { JSON_SCHEMAS } from '../../controlplane/cli/json/command-schemas.ts';

/** Commands that print a JSON value on each line. */
const BY_LINE = ['logs', 'ecs local'];

/**
 * Returns in what the output of a command with `--json` differs from its schema; null when it does not. A field that the
 * schema does not name is a problem, too, because nobody would know of it.
 */
export function problemOfJson(argv: readonly string[], out: string): string | null {
  if (out === '') return null; // it was refused
  const name = [argv.slice(0, 2).join(' '), argv[0] ?? ''].find((one) => Object.hasOwn(JSON_SCHEMAS, one));
  const schema = name === undefined ? undefined : JSON_SCHEMAS[name];
  if (name === undefined || schema === undefined) return 'has no schema in controlplane/cli/json/command-schemas.ts';
  const texts = BY_LINE.includes(name) ? out.trimEnd().split('\n') : [out];
  for (const text of texts) {
    const printed: unknown = JSON.parse(text);
    const parsed = schema.safeParse(printed);
    if (!parsed.success) return `${z.prettifyError(parsed.error)}\n${text}`;
    if (!isDeepStrictEqual(parsed.data, printed)) return `has fields that its schema does not name: ${text}`;
  }
  return null;
}
