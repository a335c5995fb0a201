import type { WipClass } from '../wip-class.ts';

/** A version of a task class, as tasks name the one that saved them. */
export interface ClassVersion {
  readonly kind: string;
  readonly classVersion: string;
}

/** The classes whose tasks a living node takes, by `classKey`; null: some node does not say, so nothing is known. */
export type LivingClasses = ReadonlySet<string> | null;

export function classKey({ kind, classVersion }: ClassVersion): string {
  return `${classVersion} ${kind}`;
}

/** Returns the classes whose tasks a node with these kinds takes: each in its version, and in those that it migrates. */
export function classVersionsOf(kinds: Iterable<WipClass>): ClassVersion[] {
  return [...kinds].flatMap(({ kind, version, migration }) =>
    [version, ...(migration?.from ?? [])].map((one) => ({ kind, classVersion: String(one) })),
  );
}
