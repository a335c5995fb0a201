import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { serveOnLoopback, type LoopbackServer } from './loopback-server.ts';

/**
 * What becomes of an answer on its way: it is passed on, its connection is reset in the middle of the body, its body ends
 * early as if it were whole, its stream is closed after a part, a page of a proxy comes in its place, nothing comes, or a
 * gateway says that it has waited long enough.
 */
export type Passage = 'whole' | 'reset' | 'cut' | 'page' | 'nothing' | 'gateway';

/** A proxy that breaks answers as networks and other proxies do. */
export interface BreakingProxy extends LoopbackServer {
  /** Decides about each answer in its turn; the first has the number 1. */
  passage: (number: number, url: string) => Passage;
}

/** Starts a proxy before the server at the origin `to`; it passes on everything until it is told otherwise. */
export async function startBreakingProxy(to: string): Promise<BreakingProxy> {
  let answers = 0;
  const proxy: { passage: BreakingProxy['passage'] } = { passage: () => 'whole' };
  const server = await serveOnLoopback((asked, answer) => {
    const { method, url = '/', headers } = asked;
    const sent = request(new URL(url, to), { method, headers: { ...headers, host: new URL(to).host } }, (came) => {
      answers += 1;
      pass(came, answer, proxy.passage(answers, url));
    });
    sent.on('error', () => answer.destroy());
    asked.pipe(sent);
  });
  return Object.assign(proxy, server);
}

function pass(came: IncomingMessage, answer: ServerResponse, passage: Passage): void {
  if (passage === 'page') {
    came.resume();
    answer.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please sign in</html>');
    return;
  }
  if (passage === 'nothing') {
    came.resume();
    answer.destroy();
    return;
  }
  if (passage === 'gateway') {
    came.resume();
    answer.writeHead(504, { 'content-type': 'text/html' }).end('<html>Gateway time-out</html>');
    return;
  }
  if (passage === 'whole') {
    answer.writeHead(came.statusCode ?? 500, came.headers);
    came.on('error', () => answer.destroy());
    came.pipe(answer);
    return;
  }
  const { 'content-length': length, ...headers } = came.headers;
  const isTold = passage === 'reset' && length !== undefined;
  answer.writeHead(came.statusCode ?? 500, { ...headers, ...(isTold && { 'content-length': length }) });
  const breakOff = (): void => {
    came.destroy();
    if (passage === 'reset') answer.destroy();
    else answer.end();
  };
  came.once('end', breakOff); // of an answer without a body
  came.once('data', (bytes: Buffer) => {
    came.off('end', breakOff);
    answer.write(bytes.subarray(0, bytes.length - 1), breakOff);
  });
}
