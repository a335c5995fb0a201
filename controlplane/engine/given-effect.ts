import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import { identifier } from '../../shared/model/identifier.ts';
import { fieldProblems, sayProblem } from '../../shared/text/field-problems.ts';
import { knownWord } from '../../shared/text/known-word.ts';
import { shown } from '../../shared/text/shown-value.ts';
import type { EffectScope } from '../tasks/agent-access.ts';

// The column has no limit, but people read names; a longer text was certainly not meant as a name.
const MAX_NAME = 1_000;
const Whole = identifier(MAX_NAME);

const SCOPES = ['entry', 'container', 'task'] as const satisfies readonly EffectScope[];
const Named = z.object({ name: effectWord(), scope: knownWord(SCOPES) });

const CANNOT = { request: 'cannot be sent', child: 'cannot be added', process: 'cannot be started' } as const;

/** The name and scope that a method gives to an effect. */
export interface NamedEffect {
  readonly kind: keyof typeof CANNOT;
  readonly name: string;
  readonly scope: string;
}

/** Throws OPTIONS_INVALID for an invalid name or scope, because no compiler checks them in JavaScript. */
export function checkEffect(effect: NamedEffect): void {
  const parsed = Named.safeParse(effect, { error: sayProblem });
  if (!parsed.success)
    throw refusal(effect, parsed.error, 'Give it a name for people, and a scope only where one is meant');
}

/** Parses what a method gives for an effect. Throws OPTIONS_INVALID with each wrong field. */
export function parseEffect<T>(effect: NamedEffect, schema: z.ZodType<T>, given: unknown): T {
  checkEffect(effect);
  const parsed = schema.safeParse(given, { error: sayProblem });
  if (parsed.success) return parsed.data;
  throw refusal(effect, parsed.error, `Correct the named fields of this ${effect.kind}`);
}

/** The schema of a name that is stored with an effect unchanged. PostgreSQL stores neither NUL nor half of a surrogate pair. */
export function effectWord() {
  return z
    .string()
    .min(1)
    .max(MAX_NAME)
    .refine(
      // Empty and overlong names get the better messages of `min` and `max`.
      (text) => text === '' || text.length > MAX_NAME || Whole.safeParse(text).success,
      'must hold no control characters, and nothing that is not whole Unicode text',
    );
}

/** Returns the problem of what was given as a whole: `addTask(name)` was given no fields at all. */
function ofWhole(message: string): string {
  if (message === 'is missing') return 'nothing was given but its name';
  // The words of a check of ours are a clause of their own: `a GET has no body`.
  return /^(?:is|must|has) /.test(message) ? `what was given ${message}` : message;
}

function refusal({ kind, name }: NamedEffect, error: z.ZodError, remedy: string): OperationalError {
  const problems = fieldProblems(error).map(({ path, message }) =>
    path === '' ? ofWhole(message) : `${path} ${message}`,
  );
  return new OperationalError('OPTIONS_INVALID', {
    happened: `The ${kind} ${shown(name)} ${CANNOT[kind]}: ${problems.join('; ')}`,
    remedy,
    cause: error,
  });
}
