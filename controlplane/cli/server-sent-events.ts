import { createParser, type ParseError } from 'eventsource-parser';

export interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

// The longest event is a MiB of output in base64. An endless event must not fill the memory of this machine.
const MAX_EVENT_CHARACTERS = 8 * 1024 * 1024;

/**
 * Reads a text/event-stream (HTML standard, section 9.2) until it ends or `abort` aborts; the connection is closed then. Throws
 * when an event is longer than any event of Wip can be.
 */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
  abort?: AbortSignal,
): AsyncGenerator<ServerSentEvent> {
  const events: ServerSentEvent[] = [];
  // By the standard, an event without an id has the id of the event before it, which a client sends when it reconnects.
  let lastId = '';
  let tooLong: ParseError | undefined;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: ({ id = lastId, event = 'message', data }) => {
      lastId = id;
      events.push({ id, event, data });
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') tooLong = error; // other lines without a meaning are passed over
    },
  });
  const decoder = new TextDecoder();
  const feed = (text: string): ServerSentEvent[] => {
    parser.feed(text);
    if (tooLong) throw tooLong;
    return events.splice(0);
  };
  for await (const bytes of untilAborted(body, abort)) yield* feed(decoder.decode(bytes, { stream: true }));
  // The parser holds back a final CR, because an LF may follow. Feeding a comment line releases it without ending an event.
  yield* feed(':\n');
}

/**
 * Yields the body until `abort` aborts. The signal that fetch was given is not enough: Node's fetch holds it by a weak reference,
 * and after a garbage collection an abort has no effect (nodejs/undici #4627).
 */
async function* untilAborted(
  body: ReadableStream<Uint8Array>,
  abort: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  // If the stream has failed already, the read reports it.
  const leave = (): void => void reader.cancel().catch(() => undefined);
  if (abort?.aborted) leave();
  abort?.addEventListener('abort', leave, { once: true });
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    abort?.removeEventListener('abort', leave);
    leave();
  }
}
