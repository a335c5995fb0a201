import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerSentEvents, type ServerSentEvent } from '../../../controlplane/cli/server-sent-events.ts';
import { formatEvent, parseCursor } from '../../../controlplane/api/tasks/streams/stream-events.ts';

async function readAll(pieces: readonly Uint8Array[]): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of readServerSentEvents(ReadableStream.from(pieces))) events.push(event);
  return events;
}

describe('server-sent events', () => {
  it('are read as they were written, wherever the network cuts them', async () => {
    const event = fc.record({ json: fc.json(), step: fc.nat(), log: fc.nat(), output: fc.nat() });
    await fc.assert(
      fc.asyncProperty(fc.array(event), fc.integer({ min: 1, max: 50 }), async (events, size) => {
        const written = events.map(({ json, ...cursor }) =>
          formatEvent('state', cursor, [JSON.stringify(json)]).join(''),
        );
        const bytes = Buffer.from(`: keep-alive\n\n${written.join('')}`);
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        const read = await readAll(pieces);
        expect(read.map(({ data }) => JSON.parse(data) as unknown)).toEqual(events.map(({ json }) => json));
        expect(read.map(({ id }) => parseCursor(id))).toEqual(
          events.map(({ step, log, output }) => ({ step, log, output })),
        );
      }),
    );
  });

  const text = async (written: string): Promise<ServerSentEvent[]> => readAll([Buffer.from(written)]);

  it.each(['\n', '\r\n', '\r'])('are read with lines that end in %j', async (end) => {
    const written = ['id: 7', 'event: log', 'data: {"a":', 'data: 1}', '', 'event: end', 'data:{}', '', ''].join(end);
    expect(await text(written)).toEqual([
      { id: '7', event: 'log', data: '{"a":\n1}' },
      { id: '7', event: 'end', data: '{}' },
    ]);
  });

  it('are messages when they have no name, and nothing when the connection breaks before their end', async () => {
    expect(await text('data: 1\n\ndata: 2\n')).toEqual([{ id: '', event: 'message', data: '1' }]);
  });

  it('fill no memory when one never ends', async () => {
    const pieces = Array.from({ length: 9 }, () => Buffer.alloc(1024 * 1024, 'x'));
    await expect(readAll([Buffer.from('data: '), ...pieces])).rejects.toThrow('max buffer size');
  });
});
