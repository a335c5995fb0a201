import type { WipContext } from './context.ts';

/** The values that each transition method of a class may return. A table row with another value is a lint error. */
export type DeclaredTransitions = Readonly<Record<string, readonly string[]>>;

/** The return type of a transition method: one of its declared values. */
export type ValueOf<T extends DeclaredTransitions, M extends keyof T> = T[M][number];

/**
 * `class X implements TransitionMethods<typeof X_TRANSITIONS>` makes the compiler refuse a transition method that
 * is missing or returns a value its class has not declared. Values that were declared without `as const` are any
 * string and would hold no method to anything, so the compiler asks for it.
 */
export type TransitionMethods<T extends DeclaredTransitions> = {
  [M in keyof T]: string extends T[M][number]
    ? 'Declare the values of transition methods with `as const`'
    : (context: WipContext) => Promise<T[M][number]> | T[M][number];
};
