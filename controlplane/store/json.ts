import { sql, type RawBuilder } from 'kysely';
import { jsonText } from './json-text.ts';

/** A JSON object whose content is known only to the code that saved it. */
export type JsonObject = Record<string, unknown>;

/** `value` as a jsonb expression. */
export function json(value: unknown): RawBuilder<unknown> {
  return sql`${jsonText(value)}::jsonb`;
}
