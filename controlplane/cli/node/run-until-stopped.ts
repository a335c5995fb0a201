import { exitWithLeftovers } from '../exit-with-leftovers.ts';
import { createNodeLog } from './node-log.ts';
import { guardExit } from '../guard-exit.ts';
import { containTaskErrors } from '../../node/contain-task-errors.ts';
import type { Logger } from '../../../shared/system/logger.ts';

/** A program part that was started and is stopped as a whole. */
export interface Running {
  close(): Promise<void>;
}

// Ctrl-C may arrive twice at once: from the terminal, and passed on by the program that started this one. Stopping
// takes seconds. Only a third signal ends the program at once and leaves processes for the next start to clean up.
const PATIENCE = 3;
// The process's own: code of tasks that is being loaded may not end it (module-code.ts).
const endAtOnce: typeof process.exit = process.exit.bind(process);

/** Runs the program until a process signal asks it to end, or until `onFatal` reports that it cannot go on. */
export async function runUntilStopped(
  start: (onFatal: (why: string) => void, stop: AbortSignal) => Promise<Running>,
  log: Logger,
): Promise<'asked' | 'fatal'> {
  let end: (how: 'asked' | 'fatal') => void = () => undefined;
  const ended = new Promise<'asked' | 'fatal'>((resolve) => (end = resolve));
  const stop = new AbortController();
  let timesAsked = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    timesAsked += 1;
    log.info({ signal, timesAsked }, 'asked to end');
    if (timesAsked >= PATIENCE) {
      log.warn({ signal }, 'ending at once: processes may be left, the next start takes them over');
      endAtOnce(130);
    }
    end('asked');
    stop.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  // Stays in effect to the end of the process, because code of tasks may have started something that runs until then.
  containTaskErrors(log);
  guardExit((error) =>
    // A new logger, because the other one ends when Node has nothing left to do.
    createNodeLog('error').error(
      { err: error },
      'a listener for the end of the process, of a task or a library, failed; give back what a task holds in its cleanUp()',
    ),
  );
  try {
    const onFatal = (why: string): void => {
      log.error({ why }, 'this node cannot go on');
      end('fatal');
    };
    const running = await start(onFatal, stop.signal).catch((error: unknown) => {
      // The start was aborted on request, so the reason for its failure does not matter any more.
      if (!stop.signal.aborted) throw error;
      log.info({ err: error }, 'ended before it had started');
      return null;
    });
    const how = await ended;
    await running?.close();
    return how;
  } finally {
    exitWithLeftovers((leftovers) =>
      log.warn(
        { left: leftovers() },
        'ending although code of a task or a library goes on, such as a timer that nobody clears',
      ),
    );
    for (const signal of signals) process.off(signal, onSignal);
  }
}
