import type { z } from 'zod';

/**
 * The options of a class: unknown ones are refused, and those in `sealed` are sealed before they are stored. `Given` is
 * their form before the schema fills in its defaults.
 */
export interface OptionsOf<T, Given = unknown> {
  readonly schema: z.ZodType<T, Given>;
  readonly sealed: readonly string[];
  /**
   * Options that hold the address of a git repository. They are checked against repository_hosts when a task is added.
   */
  readonly repositories?: readonly string[];
  /** Options that hold the address of a service that requests go to. They are checked against outgoing_hosts. */
  readonly receivers?: readonly string[];
}
