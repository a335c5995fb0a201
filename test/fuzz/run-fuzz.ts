import { Worker } from 'node:worker_threads';
import { readCorpus } from './corpus.ts';
import { inputOf, type Finding, type Target } from './fuzz-target.ts';
import type { WorkerOrder } from './worker.ts';

// No input takes a millisecond unless the parser hangs. A machine under load may stop a thread for seconds.
const HANG_MS = 30_000;
const POLL_MS = 500;

/** Fuzzes one target in a thread. An input that does not end is a finding like any other. */
export async function fuzzInThread(
  target: Pick<Target, 'name' | 'pieces'>,
  order: { readonly seed: number; readonly first: number; readonly runs: number },
): Promise<Finding[]> {
  const progress = new SharedArrayBuffer(4);
  const workerData: WorkerOrder = { target: target.name, ...order, progress };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
  const watch = watchProgress(new Int32Array(progress));
  try {
    return await new Promise<Finding[]>((resolve, reject) => {
      // A Buffer arrives as a plain Uint8Array.
      worker.once('message', (found: Finding[]) => {
        resolve(found.map((one) => ({ ...one, input: Buffer.from(one.input) })));
      });
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the thread of ${target.name} ended with ${code}`)));
      watch.onHang((run) => {
        const corpus = readCorpus(target.name).map(({ input }) => input);
        const input = inputOf(order.seed, run, { corpus, pieces: target.pieces });
        const what = `hangs: not done with one input after ${HANG_MS / 1000} s`;
        resolve([{ target: target.name, what, input, seed: order.seed, run }]);
      });
    });
  } finally {
    watch.stop();
    await worker.terminate();
  }
}

function watchProgress(progress: Int32Array): { onHang: (call: (run: number) => void) => void; stop: () => void } {
  let seen = -1;
  let sinceMs = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const onHang = (call: (run: number) => void): void => {
    timer = setInterval(() => {
      const run = Atomics.load(progress, 0);
      if (run !== seen) [seen, sinceMs] = [run, performance.now()];
      else if (performance.now() - sinceMs > HANG_MS) call(run);
    }, POLL_MS);
  };
  return { onHang, stop: () => clearInterval(timer) };
}
