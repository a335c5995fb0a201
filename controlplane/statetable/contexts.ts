/** A JSON bag that a state and its transition method share and that is kept across visits. */
export type SavedBag = Readonly<Record<string, unknown>>;

/** The bags of all states of a task; saved with it. A linked state uses the bag of the state it points at. */
export interface Contexts {
  readonly bags: Readonly<Record<string, SavedBag>>;
  readonly links: Readonly<Record<string, string>>;
}

export const NO_CONTEXTS: Contexts = { bags: {}, links: {} };

/** Returns the state whose bag `state` uses: `state` itself, or the one its links lead to. */
export function ownerOf(contexts: Contexts, state: string): string {
  let owner = state;
  while (Object.hasOwn(contexts.links, owner)) owner = contexts.links[owner]!;
  return owner;
}

export function bagOf(contexts: Contexts, state: string): SavedBag {
  const owner = ownerOf(contexts, state);
  return Object.hasOwn(contexts.bags, owner) ? contexts.bags[owner]! : {};
}

export function saveBag(contexts: Contexts, state: string, bag: SavedBag): Contexts {
  return { ...contexts, bags: { ...contexts.bags, [ownerOf(contexts, state)]: bag } };
}

/**
 * Makes `state` and `other` share the bag of `other`, together with all states that shared with either. Keys of the
 * bag of `state` stay visible unless `other` has the same key. A link leads to the owner of a bag, never to a state
 * that has a link itself, so links cannot form a ring.
 */
export function linkContext(contexts: Contexts, state: string, other: string): Contexts {
  const from = ownerOf(contexts, state);
  const to = ownerOf(contexts, other);
  if (from === to) return contexts;
  const merged = { ...bagOf(contexts, from), ...bagOf(contexts, to) };
  const rest = Object.fromEntries(Object.entries(contexts.bags).filter(([name]) => name !== from));
  return { bags: { ...rest, [to]: merged }, links: { ...contexts.links, [from]: to } };
}
