// One target in a thread of its own, because a hanging parser can only be ended from outside.
import { parentPort, workerData } from 'node:worker_threads';
import { readCorpus } from './corpus.ts';
import { fuzzTarget } from './fuzz-target.ts';
import { TARGETS } from './targets.ts';

export interface WorkerOrder {
  readonly target: string;
  readonly seed: number;
  readonly first: number;
  readonly runs: number;
  /** Int32: number of the present run. */
  readonly progress: SharedArrayBuffer;
}

// A finding is told by its name and message. Most inputs end in an error, and its stack would cost more than the parser.
Error.stackTraceLimit = 0;

const order = workerData as WorkerOrder;
const target = TARGETS.find(({ name }) => name === order.target);
if (!target) throw new Error(`there is no target ${order.target}`);
const progress = new Int32Array(order.progress);
const corpus = readCorpus(target.name).map(({ input }) => input);
const findings = await fuzzTarget(target, corpus, { ...order, onRun: (run) => void Atomics.store(progress, 0, run) });
await target.close?.();
parentPort?.postMessage(findings);
