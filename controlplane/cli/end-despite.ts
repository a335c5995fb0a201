/** What standard input and output are for Node, and what is being written to them. */
const OWN: ReadonlySet<string> = new Set(['PipeWrap', 'TTYWrap', 'WriteWrap']);
/** Everything of the program itself is over by then. */
const LEFT_MS = 1_000;

/**
 * Ends the process although something goes on in it: a timer of a task class that comes again and again would hold it for ever.
 * `sayLast` may tell what goes on, and the process ends when it has done so.
 */
export function endDespiteLeftovers(sayLast: (leftovers: () => readonly string[]) => Promise<void> | void): void {
  const end = async (): Promise<void> => {
    try {
      await sayLast(() => [...new Set(process.getActiveResourcesInfo())].filter((one) => !OWN.has(one)));
    } finally {
      process.exit();
    }
  };
  // It does not keep the process itself.
  setTimeout(() => void end(), LEFT_MS).unref();
}
