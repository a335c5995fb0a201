/** A JSON bag that a state and its transition method share and that is kept across visits. */
export type Bag = Readonly<Record<string, unknown>>;

/** The bags of all states of a task; saved with it. A linked state uses the bag of the state it points at. */
export interface Contexts {
  readonly bags: Readonly<Record<string, Bag>>;
  readonly links: Readonly<Record<string, string>>;
}

export const NO_CONTEXTS: Contexts = { bags: {}, links: {} };

/** The state whose bag `state` uses: itself, or where its links lead. */
export function ownerOf(contexts: Contexts, state: string): string {
  let owner = state;
  while (Object.hasOwn(contexts.links, owner)) owner = contexts.links[owner]!;
  return owner;
}

export function bagOf(contexts: Contexts, state: string): Bag {
  const owner = ownerOf(contexts, state);
  return Object.hasOwn(contexts.bags, owner) ? contexts.bags[owner]! : {};
}

export function saveBag(contexts: Contexts, state: string, bag: Bag): Contexts {
  return { ...contexts, bags: { ...contexts.bags, [ownerOf(contexts, state)]: bag } };
}

/**
 * Makes `state` and `other` share the bag of `other`, with all states that shared with either. What `state` had
 * put into its own bag stays visible unless `other` has the same key. Links lead to an owner only, never to a state
 * that has a link itself when it is made, so they cannot form a ring.
 */
export function linkContext(contexts: Contexts, state: string, other: string): Contexts {
  const from = ownerOf(contexts, state);
  const to = ownerOf(contexts, other);
  if (from === to) return contexts;
  const merged = { ...bagOf(contexts, from), ...bagOf(contexts, to) };
  const rest = Object.fromEntries(Object.entries(contexts.bags).filter(([name]) => name !== from));
  return { bags: { ...rest, [to]: merged }, links: { ...contexts.links, [from]: to } };
}
