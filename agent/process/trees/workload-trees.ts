import type { Clock } from '../../../shared/time/clock.ts';
import { endTrees, signalTrees } from './end-trees.ts';
import type { ProcEntry } from '../../../shared/system/proc-table.ts';
import { findOrphanedChildren, type Reaper } from './reaper.ts';
import { createTree, findMembers, updateMembers, findLivingMembers, readMark, type Tree } from './trees.ts';

/** A process that was started over the agent API, as far as trees are concerned. */
export interface TreeOwner {
  readonly tree: Tree;
  readonly isRunning: boolean;
}

const NO_MARKS = (): undefined => undefined;

/** All trees of the build, and those of its processes that have left every tree. */
export class WorkloadTrees {
  readonly #owners: () => readonly TreeOwner[];
  readonly #reaper: Reaper | undefined;
  readonly #clock: Clock;
  /** SSH commands: no key, no report, but they end with the container like everything else. */
  readonly #sessions = new Set<Tree>();
  /** Orphaned children that cannot be put down to one process. */
  readonly #orphanedChildren = createTree(-1, null);

  constructor(owners: () => readonly TreeOwner[], reaper: Reaper | undefined, clock: Clock) {
    this.#owners = owners;
    this.#reaper = reaper;
    this.#clock = clock;
  }

  all(): Tree[] {
    return [...this.#owners().map(({ tree }) => tree), ...this.others()];
  }

  /** Those that no process of the agent API owns. */
  others(): Tree[] {
    return [...this.#sessions, this.#orphanedChildren];
  }

  /** An SSH command belongs to us from now on. */
  adoptSession(leaderPid: number, mark: string): Tree {
    const tree = createTree(leaderPid, mark);
    this.#sessions.add(tree);
    return tree;
  }

  /** Forgets the session of a command that left no process behind. A daemon that it left stays ours. */
  endSession(tree: Tree): void {
    if (findLivingMembers([tree], this.adopt).length === 0) this.#sessions.delete(tree);
  }

  /**
   * Finds the orphaned children that no tree knows yet. An orphaned child belongs to the tree whose mark it carries, or
   * else to the one process that runs when it is first seen: what that process has left to a daemon is its own work.
   */
  readonly adopt = (table: readonly ProcEntry[]): void => {
    if (!this.#reaper) return;
    const orphanedChildren = findOrphanedChildren(this.#reaper, table);
    if (orphanedChildren.length === 0) return;
    const trees = this.all();
    const known = new Set(trees.flatMap((tree) => findMembers(tree, table, NO_MARKS)).map(({ pid }) => pid));
    const running = this.#owners().filter(({ isRunning }) => isRunning);
    const usual = (running.length === 1 ? running[0]?.tree : undefined) ?? this.#orphanedChildren;
    for (const { pid, startTicks } of orphanedChildren) {
      if (known.has(pid)) continue;
      const mark = readMark(pid);
      const marked = mark === undefined ? undefined : trees.find((tree) => tree.mark === mark);
      (marked ?? usual).members.set(pid, startTicks);
    }
  };

  /** Returns every living process of the build; environments are read too. */
  livingProcesses(): ProcEntry[] {
    return findLivingMembers(this.all(), this.adopt);
  }

  /** Returns the members of the trees that no process of the agent API owns, without reading environments. */
  updateOthers(table: readonly ProcEntry[]): ProcEntry[] {
    return this.others().flatMap((tree) => updateMembers(tree, table).members);
  }

  signal(trees: readonly Tree[], signal: NodeJS.Signals): number {
    return signalTrees({ trees, adopt: this.adopt }, signal);
  }

  /**
   * Sends the first signal, then KILL after the grace or when `killNow` aborts. Returns how many processes survived
   * even that.
   */
  end(order: { firstSignal: NodeJS.Signals; graceMs: number; killNow: AbortSignal }): Promise<number> {
    const reaper = this.#reaper ? { reaper: this.#reaper } : {};
    return endTrees({ ...order, ...reaper, trees: () => this.all(), adopt: this.adopt, clock: this.#clock });
  }

  /** The same for one tree. */
  endOne(tree: Tree, order: { firstSignal: NodeJS.Signals; graceMs: number; killNow: AbortSignal }): Promise<number> {
    return endTrees({ ...order, trees: () => [tree], adopt: this.adopt, clock: this.#clock });
  }
}
