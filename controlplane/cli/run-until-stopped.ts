import type { Logger } from '../../shared/support/logger.ts';

/** Something that was started and is stopped as a whole. */
export interface Running {
  close(): Promise<void>;
}

/**
 * Keeps the program going until a signal asks it to end, or `fatal` says that it cannot go on. A second signal while
 * it stops is the wish of somebody who will not wait: the program ends at once.
 */
export async function runUntilStopped(
  start: (onFatal: (why: string) => void) => Promise<Running>,
  log: Logger,
): Promise<'asked' | 'fatal'> {
  let end: (how: 'asked' | 'fatal') => void = () => undefined;
  const ended = new Promise<'asked' | 'fatal'>((resolve) => (end = resolve));
  let isAsked = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isAsked) {
      log.warn({ signal }, 'asked to end a second time: ending at once');
      process.exit(130);
    }
    isAsked = true;
    log.info({ signal }, 'asked to end');
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
