import { url } from 'node:inspector';
import { Worker } from 'node:worker_threads';
import { currentScope } from '../../engine/method-scope.ts';
import { CURRENT_METHOD, type BlockedBy, type WatchOrder } from './blocked-by.ts';
import { EVENT_LOOP_WATCH_THREAD } from './event-loop-watch-thread.ts';

const BEAT_MS = 1_000;
/** Nothing in a node itself blocks for this long, and other nodes take its tasks over only some time later. */
const BLOCKED_SECONDS = 10;

/**
 * Detects a blocked event loop in the thread that runs tasks. Code that never ends, such as an endless loop in a method, blocks
 * the whole node, and nothing in that thread could report it. So a second thread reads the stack with V8's inspector and logs it.
 * The second thread does not keep the process alive.
 */
export function watchEventLoop(): void {
  // A debugger blocks the thread as well, and two debuggers would disturb each other.
  if (url() !== undefined) return;
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const blockedBy = (): BlockedBy | null => {
    const scope = currentScope();
    if (!scope) return null;
    const { kind, taskId, state, method } = scope;
    return { kind, taskId, state, method };
  };
  Object.defineProperty(globalThis, CURRENT_METHOD, { value: blockedBy, configurable: true });
  setInterval(() => Atomics.add(beats, 0, 1), BEAT_MS).unref();
  const order: WatchOrder = { beats, blockedSeconds: BLOCKED_SECONDS };
  new Worker(EVENT_LOOP_WATCH_THREAD, { workerData: order, resourceLimits: { maxOldGenerationSizeMb: 32 } }).unref();
}
