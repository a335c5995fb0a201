import { isMainThread, Worker } from 'node:worker_threads';

const BEAT_MS = 50;
// A thread that only waits for a processor is not held.
const LEAST_MS = 10 * BEAT_MS;

// Ticks are counted, and not time: a process that was stopped for a while (SIGSTOP, a suspended machine) held nothing.
// The debugger's protocol is what can stop code of another thread: its event loop goes on with what comes next.
const WATCH = `
  const { workerData } = require('node:worker_threads');
  const { Session } = require('node:inspector');
  const beat = new Int32Array(workerData.beat);
  let seen = -1;
  let ticks = 0;
  setInterval(() => {
    const now = Atomics.load(beat, 0);
    ticks = now === seen ? ticks + 1 : 0;
    seen = now;
    if (ticks < workerData.ticks) return;
    ticks = 0;
    const session = new Session();
    session.connectToMainThread();
    Atomics.store(beat, 1, 1);
    session.post('Runtime.terminateExecution', () => session.disconnect());
  }, ${BEAT_MS});
`;

interface BlockWatch {
  hasStopped(): boolean;
  end(): void;
}

/**
 * Stops other people's code that holds this thread for longer than `limitMs`, such as an endless loop at the top level of a
 * module. Nothing in this thread could: a module is not called, so it cannot be called with a limit. Timers that are due by then
 * run next. The watch does not keep the process alive.
 */
export function stopBlockingCode(limitMs: number): BlockWatch {
  // The debugger's protocol knows the main thread alone. Test runners may run a node in another.
  if (!isMainThread) return { hasStopped: () => false, end: () => undefined };
  const beat = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const watch = new Worker(WATCH, {
    eval: true,
    workerData: { beat: beat.buffer, ticks: Math.max(limitMs, LEAST_MS) / BEAT_MS },
  });
  // Without a second thread the code runs as it did, unwatched.
  watch.on('error', () => undefined);
  watch.unref();
  const timer = setInterval(() => Atomics.add(beat, 0, 1), BEAT_MS).unref();
  return {
    hasStopped: () => Atomics.load(beat, 1) === 1,
    end() {
      clearInterval(timer);
      void watch.terminate();
    },
  };
}
