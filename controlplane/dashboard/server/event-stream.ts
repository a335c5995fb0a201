import { createParser } from 'eventsource-parser';
import { noteAnswer, noteSilence, retryAt, retryDelayMs } from './connection.ts';
import { beginRead } from './give-up.ts';
import { onWake } from './poll.ts';
import { openStream, RequestRefused } from './request.ts';

export interface StreamReader {
  /** Returns false when the stream has told everything. */
  readonly onEvent: (event: string, data: string) => boolean;
  /** The server refuses: the stream is not tried again. */
  readonly onRefused: (refusal: RequestRefused) => void;
  /** The connection is gone; another is tried after a while. */
  readonly onBroken?: () => void;
}

/**
 * Follows Server-Sent Events until the reader has everything, and goes on after the last event when the connection breaks.
 * Returns the id of the last event, after which another call goes on.
 * The browser's own EventSource cannot say why it failed, nor be asked to try now.
 */
export async function followEvents(
  path: string,
  reader: StreamReader,
  stop: AbortSignal,
  from?: string,
): Promise<string | undefined> {
  let lastId = from;
  let failures = 0;
  while (!stop.aborted) {
    // A node that hangs closes no connection: the stream is given up with all other reads, and tried anew.
    const read = beginRead(stop);
    try {
      const response = await openStream(path, lastId, read.signal);
      failures = 0;
      const isTold = await readEvents(response, (event, data, id) => {
        if (id !== undefined) lastId = id;
        return reader.onEvent(event, data);
      });
      if (isTold) break;
      // The server closed it in order: it ends, or the token is no longer valid. The next request tells which.
      failures = 1;
    } catch (error) {
      if (stop.aborted) break;
      if (error instanceof RequestRefused && error.status < 500 && error.status !== 429) {
        reader.onRefused(error);
        break;
      }
      failures += 1;
      noteSilence();
    } finally {
      read.end();
    }
    if (stop.aborted) break;
    reader.onBroken?.();
    await waitToRetry(failures, stop);
  }
  return lastId;
}

type OnEvent = (event: string, data: string, id: string | undefined) => boolean;

/** Returns true when the reader has everything. */
async function readEvents(response: Response, onEvent: OnEvent): Promise<boolean> {
  let isTold = false;
  const parser = createParser({
    onEvent: ({ event = 'message', data, id }) => {
      if (!onEvent(event, data, id)) isTold = true;
    },
  });
  const decoder = new TextDecoder();
  const chunks = response.body?.getReader();
  for (let chunk = await chunks?.read(); chunk && !chunk.done; chunk = await chunks?.read()) {
    noteAnswer();
    parser.feed(decoder.decode(chunk.value, { stream: true }));
    if (isTold) break;
  }
  await chunks?.cancel();
  return isTold;
}

async function waitToRetry(failures: number, stop: AbortSignal): Promise<void> {
  const waitMs = retryDelayMs(failures);
  retryAt.value = Date.now() + waitMs;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stopWaking();
      stop.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    const stopWaking = onWake(done);
    stop.addEventListener('abort', done);
  });
}
