import type { FastifyInstance } from 'fastify';

/** Knows the methods of each path, for the answers to OPTIONS and to a method that a path does not have. */
export interface AllowedMethods {
  /** Returns the methods, sorted; empty for a path without a route. Every path with a route also has `OPTIONS`. */
  of(path: string): readonly string[];
  /** Returns the parts of the first route that matches the path, such as `:name`; null for a path without a route. */
  patternOf(path: string): readonly string[] | null;
}

/** Notes every route that is registered after this call. */
export function noteMethods(app: FastifyInstance): AllowedMethods {
  const routes: { readonly parts: readonly string[]; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ parts: url.split('/'), methods: [method].flat() });
  });
  return {
    of(path) {
      const parts = path.split('/');
      const found = routes.filter((route) => isAt(route.parts, parts)).flatMap(({ methods }) => methods);
      return found.length === 0 ? [] : [...new Set([...found, 'OPTIONS'])].sort();
    },
    patternOf(path) {
      const parts = path.split('/');
      return routes.find((route) => isAt(route.parts, parts))?.parts ?? null;
    },
  };
}

function isAt(pattern: readonly string[], parts: readonly string[]): boolean {
  if (pattern.length !== parts.length) return false;
  return pattern.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]));
}
