import { messageOf, OperationalError } from '../../shared/model/error.ts';

/** Closes everything that a program has opened. */
export interface Closers {
  /** The error names the thing by `what` when it cannot be closed. */
  add(what: string, close: () => unknown): void;
  /**
   * Closes everything, the last first. A failure keeps nothing else open; at the end all failures are thrown as one
   * STOP_INCOMPLETE. A second call finds nothing left.
   */
  closeAll(): Promise<void>;
}

export function createClosers(): Closers {
  const open: { what: string; close: () => unknown }[] = [];
  return {
    add: (what, close) => void open.push({ what, close }),
    async closeAll() {
      const failures: { what: string; error: unknown }[] = [];
      for (const { what, close } of open.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          failures.push({ what, error });
        }
      }
      if (failures.length === 0) return;
      throw new OperationalError('STOP_INCOMPLETE', {
        happened: `It ended, but not all of it in order: ${failures.map(({ what, error }) => `${what}: ${messageOf(error)}`).join('; ')}`,
        remedy: 'Remove the cause, such as a full disk; the next start takes over what was left',
        cause: new AggregateError(failures.map(({ error }) => error)),
      });
    },
  };
}
