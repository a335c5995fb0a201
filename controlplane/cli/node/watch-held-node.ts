import { url } from 'node:inspector';
import { Worker } from 'node:worker_threads';
import { currentScope } from '../../engine/method-scope.ts';
import { CURRENT_METHOD, type HeldBy, type WatchOrder } from './held-by.ts';
import { HELD_NODE_THREAD } from './held-node-thread.ts';

const BEAT_MS = 1_000;
/** Nothing of a node itself takes as long, and other nodes take its tasks over a while later. */
const HELD_SECONDS = 10;

/**
 * Watches whether the thread that runs tasks still comes round. Code that never ends, such as an endless loop in a method, holds
 * all of a node, and nothing in that thread could say so: a second thread asks it with the inspector of V8 what it runs, and
 * writes that to the log. It does not keep the process.
 */
export function watchHeldNode(): void {
  // A person with a debugger holds it as well, and two debuggers get into each other's way.
  if (url() !== undefined) return;
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const heldBy = (): HeldBy | null => {
    const scope = currentScope();
    if (!scope) return null;
    const { kind, taskId, state, method } = scope;
    return { kind, taskId, state, method };
  };
  Object.defineProperty(globalThis, CURRENT_METHOD, { value: heldBy, configurable: true });
  setInterval(() => Atomics.add(beats, 0, 1), BEAT_MS).unref();
  const order: WatchOrder = { beats, heldSeconds: HELD_SECONDS };
  new Worker(HELD_NODE_THREAD, { workerData: order, resourceLimits: { maxOldGenerationSizeMb: 32 } }).unref();
}
