import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { followTask } from '../../../controlplane/cli/client/follow-task.ts';
import type { TaskEvent } from '../../../controlplane/cli/client/watch-event.ts';
import { createWipClient } from '../../../controlplane/cli/client/wip-client.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { collectGarbage } from '../../kit/collect-garbage.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server whose stream never says anything after its headers; `answers: false`: not even those. */
async function serveSilence({
  answers,
}: {
  answers: boolean;
}): Promise<{ url: string; asked: Promise<void>; left: Promise<void> }> {
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  server = createServer((_request, response) => {
    response.once('close', left.resolve);
    if (answers) response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n');
    asked.resolve();
  });
  await new Promise<void>((listening) => server!.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked: asked.promise, left: left.promise };
}

it.each([{ answers: true }, { answers: false }])(
  'Ctrl-C ends the watching of a build although memory was cleared meanwhile (headers came: $answers)',
  async (given) => {
    const silence = await serveSilence(given);
    const client = createWipClient({ url: silence.url, token: 'secret' });
    const stop = new AbortController();
    const seen: TaskEvent[] = [];
    const watching = (async () => {
      for await (const event of followTask(client, 7, { clock: systemClock, abort: stop.signal })) seen.push(event);
    })();
    await silence.asked;
    await collectGarbage();
    stop.abort();
    await watching;
    expect(seen).toEqual([]);
    await silence.left;
  },
);
