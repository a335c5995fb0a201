/**
 * Returns the name of the class of an object; null for plain objects, lists and other values. An object of a class, such as a
 * Map, a Date or a promise, often has no fields of its own and would look like an empty plain object.
 */
export function classNameOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: { readonly name?: string } } | null;
  if (prototype === null || prototype === Object.prototype || isOfOtherRealm(prototype)) return null;
  return prototype.constructor?.name || tagOf(value);
}

/**
 * Returns whether a prototype is Object.prototype of another realm: test runners run each file with its own globals, and
 * structuredClone makes plain objects with those of Node.
 */
function isOfOtherRealm(prototype: { readonly constructor?: { readonly name?: string } }): boolean {
  return Object.getPrototypeOf(prototype) === null && prototype.constructor?.name === 'Object';
}

/** Returns the tag of an object whose class has no name, such as a Generator. */
function tagOf(value: object): string {
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return tag === 'Object' ? 'nameless class' : tag;
}
