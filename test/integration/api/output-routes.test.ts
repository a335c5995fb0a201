import { beforeEach, describe, expect, it } from 'vitest';
import { OutputPage } from '../../../controlplane/api/tasks/recording/task-recording-views.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();
beforeEach(async () => {
  await http.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
});

/** Adds a piece of output to task 1. */
function write(stream: 'stdout' | 'stderr', text: string, omittedBefore = 0): void {
  const { pieces } = http.services.tasks.get(1)!;
  const at = '2026-11-28T12:00:00.000Z';
  const piece = { id: pieces.length + 1, at, attempt: 1, processId: 'build', stream, offset: 0, omittedBefore };
  pieces.push({ ...piece, data: Buffer.from(text) });
}

async function readAll(query: string): Promise<OutputPage> {
  return OutputPage.parse((await http.call('viewer', `GET /v1/tasks/1/output?stream=all${query}`)).json());
}

const textOf = ({ pieces }: OutputPage): string[] =>
  pieces.map(({ stream, data }) => `${stream} ${Buffer.from(data, 'base64').toString()}`);

describe('GET /v1/tasks/:id/output with both streams', () => {
  it('has the pieces in one order, page by page', async () => {
    write('stdout', 'one');
    write('stderr', 'two');
    write('stdout', 'three');
    const first = await readAll('&limit=2');
    expect(textOf(first)).toEqual(['stdout one', 'stderr two']);
    const second = await readAll(`&limit=2&after=${first.next}`);
    expect(textOf(second)).toEqual(['stdout three']);
    expect(textOf(await readAll(`&after=${second.next}`))).toEqual([]);
  });

  it('ends a page when it is long enough, and goes on behind it', async () => {
    for (let piece = 0; piece < 40; piece += 1) write('stdout', `${piece}`.padEnd(64 * 1024, '.'));
    const seen: number[] = [];
    for (let page = await readAll(''); page.pieces.length > 0; page = await readAll(`&after=${page.next}`)) {
      expect(page.pieces.length).toBeLessThan(40);
      seen.push(...page.pieces.map(({ id }) => id));
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('goes backwards before a piece, each page in the order of the log', async () => {
    for (let piece = 1; piece <= 5; piece += 1) write('stdout', `${piece}`);
    expect(textOf(await readAll('&before=999&limit=2'))).toEqual(['stdout 4', 'stdout 5']);
    expect(textOf(await readAll('&before=4&limit=2'))).toEqual(['stdout 2', 'stdout 3']);
    expect(textOf(await readAll('&before=2&limit=2'))).toEqual(['stdout 1']);
    expect(textOf(await readAll('&before=1'))).toEqual([]);
  });

  it('goes backwards page by page through a log that fills no single answer', async () => {
    for (let piece = 0; piece < 40; piece += 1) write('stdout', `${piece}`.padEnd(64 * 1024, '.'));
    const seen: number[] = [];
    let page = await readAll('&before=999');
    for (; page.pieces.length > 0; page = await readAll(`&before=${page.pieces[0]!.id}`)) {
      expect(page.pieces.length).toBeLessThan(40);
      seen.unshift(...page.pieces.map(({ id }) => id));
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('begins with the pieces of a time', async () => {
    write('stdout', 'noon');
    expect(textOf(await readAll('&since=2026-11-28T13:00:00%2B01:00'))).toEqual(['stdout noon']);
    expect(textOf(await readAll('&since=2026-11-28T12:00:00.001Z'))).toEqual([]);
  });

  it.each(['before=3', 'since=2026-11-28T12:00:00Z', 'limit=1', 'after=3'])(
    'knows no %s of one stream',
    async (query) => {
      const answer = await http.call('viewer', `GET /v1/tasks/1/output?stream=stdout&${query}`);
      expect(answer.statusCode).toBe(422);
    },
  );

  it('takes no offset, which is that of one stream', async () => {
    const answer = await http.call('viewer', 'GET /v1/tasks/1/output?stream=all&offset=3');
    expect([answer.statusCode, answer.json<{ details: object[] }>().details]).toMatchObject([
      422,
      [{ path: 'offset' }],
    ]);
  });
});

describe('the download of a log', () => {
  it.each(['limit=1', 'after=3', 'before=3', 'offset=3', 'since=2026-11-28T12:00:00Z'])(
    'is no part of it, so that %s is refused',
    async (query) => {
      const answer = await http.call('viewer', `GET /v1/tasks/1/output?stream=stdout&download=true&${query}`);
      const { details } = answer.json<{ details: { path: string }[] }>();
      expect([answer.statusCode, details.map(({ path }) => path)]).toEqual([422, [query.split('=')[0]]]);
    },
  );

  it('is everything in one order, with a mark where bytes are missing', async () => {
    for (let line = 0; line < 50; line += 1) write(line % 2 ? 'stderr' : 'stdout', `line ${line}\n`);
    write('stdout', 'end', 7);
    const answer = await http.call('viewer', 'GET /v1/tasks/1/output?stream=all&download=true');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="task-1.log"');
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    const lines = Array.from({ length: 50 }, (_, line) => `line ${line}\n`).join('');
    expect(answer.body).toBe(`${lines}\n[wip: 7 bytes of stdout are missing here]\nend`);
    const errors = await http.call('viewer', 'GET /v1/tasks/1/output?stream=stderr&download=true');
    expect(errors.body.split('\n')).toHaveLength(26);
  });
});
