import { closeSync, constants, openSync } from 'node:fs';

/** Paths are bytes: as text a name that is no UTF-8 would name no file, and what is below it would not count. */
export type Path = string | Buffer;

/** A directory that is held open, so that what lies in it has a short path, however deep it is. */
export interface Anchor {
  readonly fd: number;
  /** Number of paths below it that are still to be read, the one being read included. */
  uses: number;
}

/**
 * A path may have 4,095 bytes and a name 255 (PATH_MAX, NAME_MAX of limits.h); a character of a string has three bytes
 * at the most.
 */
const LONG = 1_200;
/**
 * Each anchor stands for a thousand characters of depth. So many are enough for a tree that grew, and far fewer than a
 * process may open.
 */
const MAX_ANCHORS = 100;
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

export interface Anchored {
  readonly path: Path;
  readonly anchor: Anchor | undefined;
}

/** The kernel takes no path that is longer than PATH_MAX, yet a build makes one with `cd` and `mkdir` in a loop. */
export class Anchors {
  #open = 0;
  /** False when a directory could not be held, because too many are. */
  isComplete = true;

  /**
   * The same directory by a path to which any name may be added; undefined when there is none. Release it after use.
   */
  reach({ path, anchor }: Anchored): Anchored | undefined {
    if (path.length <= LONG) return { path, anchor: this.use(anchor) };
    if (this.#open >= MAX_ANCHORS) {
      this.isComplete = false;
      return undefined;
    }
    try {
      const fd = openSync(path, DIRECTORY);
      this.#open += 1;
      return { path: `/proc/self/fd/${fd}`, anchor: { fd, uses: 1 } };
    } catch {
      // The directory was removed since it was listed, or nobody may read it.
      return undefined;
    }
  }

  use(anchor: Anchor | undefined): Anchor | undefined {
    if (anchor) anchor.uses += 1;
    return anchor;
  }

  release(anchor: Anchor | undefined): void {
    if (!anchor) return;
    anchor.uses -= 1;
    if (anchor.uses > 0) return;
    closeSync(anchor.fd);
    this.#open -= 1;
  }
}
