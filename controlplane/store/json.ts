import { sql, type RawBuilder } from 'kysely';
import { jsonText } from './json-text.ts';

/** A JSON object whose content belongs to whoever saved it. */
export type JsonObject = Record<string, unknown>;

/** `value` as a jsonb expression. */
export function json(value: unknown): RawBuilder<unknown> {
  return sql`${jsonText(value)}::jsonb`;
}
