import type { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';

/** Parses a part of a call. Throws REQUEST_INVALID with each wrong field. */
export function parseCall<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues
    .map((issue) => `${issue.path.map(String).join('.') || 'it'}: ${issue.message}`)
    .join('; ');
  throw new OperationalError('REQUEST_INVALID', {
    happened: `The request was refused: ${wrong}`,
    remedy: 'Send what the agent API describes',
    cause: parsed.error,
  });
}
