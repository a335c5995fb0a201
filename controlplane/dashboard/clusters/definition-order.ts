import type { DefinitionDifference, DefinitionView } from '../../api/definitions/definition-views.ts';

type Revision = Pick<DefinitionView, 'id' | 'family' | 'revision' | 'arn'>;

/** The other revisions of a definition, the newest first. The same family of another account or region is another one. */
export function otherRevisions<T extends Revision>(all: readonly T[], one: Revision): T[] {
  return all
    .filter((other) => other.id !== one.id && lineOf(other) === lineOf(one))
    .sort((a, b) => b.revision - a.revision);
}

/** The revision before a definition; undefined for the first that is known. */
export function revisionBefore<T extends Revision>(all: readonly T[], one: Revision): T | undefined {
  return otherRevisions(all, one).find(({ revision }) => revision < one.revision);
}

/** An ARN without its revision. */
function lineOf({ arn }: Revision): string {
  return arn.slice(0, arn.lastIndexOf(':'));
}

export interface DiffLine {
  readonly kind: 'path' | 'before' | 'after';
  readonly text: string;
}

/** A difference as lines, as the command line prints it: the place, what was there, what is there now. */
export function diffLines(differences: readonly DefinitionDifference[]): DiffLine[] {
  return differences.flatMap(({ path, before, after }) => [
    { kind: 'path' as const, text: path },
    ...valueLines('before', before),
    ...valueLines('after', after),
  ]);
}

/** Null, and what is absent, has no line: the other line says that something came or went. */
function valueLines(kind: 'before' | 'after', value: unknown): DiffLine[] {
  if (value === null || value === undefined) return [];
  return JSON.stringify(value, null, 2)
    .split('\n')
    .map((text) => ({ kind, text }));
}
