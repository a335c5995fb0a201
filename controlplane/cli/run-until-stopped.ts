import type { Logger } from '../../shared/support/logger.ts';

/** Something that was started and is stopped as a whole. */
export interface Running {
  close(): Promise<void>;
}

// Ctrl-C may arrive twice at once (from the terminal, and passed on by whoever started this program), and stopping
// takes seconds: only who asks a third time is let go of a system that the next start has to clean up after.
const PATIENCE = 3;

/** Keeps the program going until a signal asks it to end, or `fatal` says that it cannot go on. */
export async function runUntilStopped(
  start: (onFatal: (why: string) => void) => Promise<Running>,
  log: Logger,
): Promise<'asked' | 'fatal'> {
  let end: (how: 'asked' | 'fatal') => void = () => undefined;
  const ended = new Promise<'asked' | 'fatal'>((resolve) => (end = resolve));
  let timesAsked = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    timesAsked += 1;
    log.info({ signal, timesAsked }, 'asked to end');
    if (timesAsked >= PATIENCE) {
      log.warn({ signal }, 'ending at once: processes may be left, the next start takes them over');
      process.exit(130);
    }
    end('asked');
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const running = await start((why) => {
      log.error({ why }, 'this node cannot go on');
      end('fatal');
    });
    const how = await ended;
    await running.close();
    return how;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}
