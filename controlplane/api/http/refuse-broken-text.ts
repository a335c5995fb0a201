import type { FastifyInstance } from 'fastify';
import type { FieldProblem } from '../../../shared/text/field-problems.ts';
import { ANY_QUERY } from './contract.ts';
import { RequestInvalidError } from './parse-request.ts';

/**
 * Refuses parameters of path and query that are not valid text, at every route and before the route reads them: PostgreSQL stores
 * no NUL, and silently replaced characters would change the meaning. A query that no route reads is not checked.
 */
export function refuseBrokenText(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ url, params, routeOptions }) => {
    const { contract } = routeOptions.config;
    // This hook never sees percent-encoding that cannot be decoded: the router refuses such a path (brokenPathOf).
    const path = Object.entries(params ?? {}).flatMap(([name, value]) => problemsOf(name, textProblem(String(value))));
    if (path.length > 0) throw new RequestInvalidError('path', path);
    if (!contract || contract.query === ANY_QUERY) return;
    const query = queryProblems(url);
    if (query.length > 0) throw new RequestInvalidError('query', query);
  });
}

/**
 * Returns the refusal of a path that the router could not decode, with the names of its parameters; null for any other.
 * `patternOf` returns the parts of the route at a path, such as `:name`.
 */
export function brokenPathOf(
  url: string,
  patternOf: (path: string) => readonly string[] | null,
): RequestInvalidError | null {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  const pattern = patternOf(path);
  const problems = path
    .split('/')
    .flatMap((part, index) => problemsOf(pattern?.[index]?.replace(/^:/, '') ?? part, encodingProblem(part)));
  return problems.length === 0 ? null : new RequestInvalidError('path', problems);
}

function queryProblems(url: string): FieldProblem[] {
  const start = url.search(/[?#]/);
  // Fastify's query parser leaves text that it cannot decode unchanged, so the encoded text is checked.
  const pairs = start === -1 ? [] : url.slice(start + 1).split('&');
  return pairs.flatMap((pair) => {
    const [name = '', value = ''] = pair.split(/=(.*)/s, 2);
    return problemsOf(decoded(name) ?? name, encodingProblem(name) ?? encodingProblem(value));
  });
}

function problemsOf(path: string, message: string | null): FieldProblem[] {
  return message === null ? [] : [{ path: path.replaceAll('\0', '\ufffd'), message }];
}

function encodingProblem(encoded: string): string | null {
  const text = decoded(encoded);
  if (text === null) return 'must be UTF-8, percent-encoded; a "%" itself is written as "%25"';
  return textProblem(text);
}

function textProblem(text: string): string | null {
  return text.includes('\0') ? 'must not have the character NUL' : null;
}

function decoded(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null; // the one error of this function: the text is not percent-encoded UTF-8
  }
}
