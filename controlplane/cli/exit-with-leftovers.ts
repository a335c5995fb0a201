/** The resources that Node reports for standard input and output and for pending writes to them. */
const OWN: ReadonlySet<string> = new Set(['PipeWrap', 'TTYWrap', 'WriteWrap']);
/** After this time everything of the program itself has ended. */
const LEFT_MS = 1_000;

/**
 * Ends the process even if something is left that keeps it alive, such as an interval timer of a task class. `sayLast` may report
 * the leftovers; the process ends when it has done so.
 */
export function exitWithLeftovers(sayLast: (leftovers: () => readonly string[]) => Promise<void> | void): void {
  const end = async (): Promise<void> => {
    try {
      await sayLast(() => [...new Set(process.getActiveResourcesInfo())].filter((one) => !OWN.has(one)));
    } finally {
      process.exit();
    }
  };
  // This timer itself does not keep the process alive.
  setTimeout(() => void end(), LEFT_MS).unref();
}
