import { Session, type Debugger } from 'node:inspector';
import { workerData } from 'node:worker_threads';
import { CURRENT_METHOD, type BlockedBy, type WatchOrder } from './blocked-by.ts';

// A thread that notices when the main thread of its node is blocked.

const CHECK_MS = 1_000;
const MOST_FRAMES = 5;

interface Seen {
  readonly by: BlockedBy | null;
  /** The innermost first. */
  readonly stack: readonly string[];
}

/** The path of this file, which is started as a thread. The file is also imported, so that the package includes it. */
export const EVENT_LOOP_WATCH_THREAD = import.meta.filename;

/** Checks the counter once a second, as long as the thread lives. */
function watchBeats({ beats, blockedSeconds }: WatchOrder): void {
  let last = Atomics.load(beats, 0);
  // Counts checks instead of reading a clock: a process that was stopped, or whose machine slept, was not blocked.
  let checks = 0;
  let isReported = false;
  const check = (): void => {
    const now = Atomics.load(beats, 0);
    checks += 1;
    const seconds = Math.round((checks * CHECK_MS) / 1000);
    if (now !== last) {
      if (isReported) void reportEnd(seconds);
      last = now;
      checks = 0;
      isReported = false;
    } else if (!isReported && seconds >= blockedSeconds) {
      isReported = true;
      askMainThread((seen) => void report(seconds, seen));
    }
  };
  setInterval(check, CHECK_MS);
}

/** Pauses the main thread wherever it is, reads its stack, and resumes it. */
function askMainThread(answer: (seen: Seen) => void): void {
  const session = new Session();
  session.connectToMainThread();
  const files = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => files.set(scriptId, url));
  session.once('Debugger.paused', ({ params: { callFrames } }) => {
    const stack = callFrames.slice(0, MOST_FRAMES).map((frame) => frameText(frame, files));
    const expression = `globalThis[Symbol.for(${JSON.stringify(CURRENT_METHOD.description)})]?.() ?? null`;
    const question = { callFrameId: callFrames[0]?.callFrameId ?? '', expression, returnByValue: true, silent: true };
    session.post('Debugger.evaluateOnCallFrame', question, (_error, asked) => {
      answer({ by: byOf(asked), stack });
      session.post('Debugger.resume', () => session.disconnect());
    });
  });
  session.post('Debugger.enable', () => session.post('Debugger.pause'));
}

function byOf(asked: Debugger.EvaluateOnCallFrameReturnType | object | undefined): BlockedBy | null {
  return asked && 'result' in asked ? ((asked.result.value as BlockedBy | null | undefined) ?? null) : null;
}

function frameText({ functionName, location }: Debugger.CallFrame, files: ReadonlyMap<string, string>): string {
  const file = files.get(location.scriptId) ?? 'unknown';
  return `${functionName || '(anonymous)'} (${file}:${location.lineNumber + 1})`;
}

async function report(seconds: number, { by, stack }: Seen): Promise<void> {
  (await openLog()).error(
    { ...by, seconds, stack },
    by
      ? 'the method of a task does not end and blocks this node, which answers nobody until it is restarted; the stack names the line'
      : 'code that does not end blocks this node, which answers nobody until it is restarted; the stack names the line',
  );
}

async function reportEnd(seconds: number): Promise<void> {
  (await openLog()).warn({ seconds }, 'this node goes on, after code has blocked it');
}

/** Loads the logger on first use: most of these threads never log anything. */
async function openLog() {
  const { createNodeLog } = await import('./node-log.ts');
  return createNodeLog('warn');
}

function isOrder(given: unknown): given is WatchOrder {
  return typeof given === 'object' && given !== null && 'beats' in given && 'blockedSeconds' in given;
}

// An import of this file has no worker data and starts nothing.
if (isOrder(workerData)) watchBeats(workerData);
