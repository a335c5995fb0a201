/** A cluster that a new container may go to, and why, as a clause: "… because …". */
export interface ClusterChoice {
  readonly name: string;
  readonly reason: string;
}

export interface ClusterFacts {
  /** Names that the task gives, in its order. */
  readonly ofTask: readonly string[];
  readonly group: string;
  /** Names that its group gives. */
  readonly ofGroup: readonly string[];
  readonly active: string;
  /** What each stored cluster falls back on, by name. */
  readonly fallbacks: ReadonlyMap<string, readonly string[]>;
}

/**
 * Returns the clusters of a new container in the order in which they are tried: those that the task names, else those of
 * its group, else the active one. One name alone brings what its cluster falls back on; several are an order of their
 * own. The first one stays even if it is not stored, so that the launch says so. Later ones that are not stored are left
 * out.
 */
export function decideCandidates(facts: ClusterFacts): readonly ClusterChoice[] {
  const { names, reason } = namesOf(facts);
  const [first = facts.active] = names;
  const later = names.length > 1 ? names.slice(1) : (facts.fallbacks.get(first) ?? []);
  const stored = later.filter((name) => facts.fallbacks.has(name) && name !== first);
  return [...new Set([first, ...stored])].map((name) => ({ name, reason }));
}

function namesOf({ ofTask, group, ofGroup, active }: ClusterFacts): { names: readonly string[]; reason: string } {
  if (ofTask.length > 0) return { names: ofTask, reason: 'the task names it' };
  if (ofGroup.length > 0) return { names: ofGroup, reason: `its group "${group}" names it` };
  return { names: [active], reason: 'it is the active cluster' };
}
