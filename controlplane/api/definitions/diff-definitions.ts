import type { DefinitionDifference } from './definition-views.ts';

/** Returns in which values two definitions differ. Items of lists are compared by their position. */
export function diffDefinitions(before: unknown, after: unknown, path: readonly string[] = []): DefinitionDifference[] {
  if (isComposed(before) && isComposed(after) && Array.isArray(before) === Array.isArray(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
    return keys.flatMap((key) => diffDefinitions(a[key], b[key], [...path, key]));
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path: path.join('.'), before: before ?? null, after: after ?? null }];
}

function isComposed(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
