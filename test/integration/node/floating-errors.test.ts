import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addOf, endOf } from '../../kit/engine.ts';
import { FLOATING, LEAVING, LISTENING, UNSIZED } from '../../kit/kinds/floating-wip.ts';
import { eventually } from '../../kit/eventually.ts';
import { useWorkplace } from '../../kit/programs/program.ts';
import { ServedNode } from '../../testkit/system/served-node.ts';

const KIND_FILE = path.join(import.meta.dirname, '../../kit/kinds/floating-wip.ts');
const TOKEN = 'the-token-of-this-very-test';
const databases = useTestDatabases();

it('an error that a task leaves to nobody does not end the node, and names the task, its state and its method', async () => {
  const place = useWorkplace();
  const { db, url: databaseUrl } = await databases.fresh();
  const lines: string[] = [];
  const node = await ServedNode.start({
    databaseUrl,
    directory: place.directory,
    masterKey: randomBytes(32),
    args: ['--kinds', KIND_FILE],
    onLogLine: (line) => lines.push(line),
  });
  onTestFinished(() => node.close());
  const taskId = await addOf(db, FLOATING.kind);
  const end = await endOf(db, taskId);
  expect(end.logs).toContain('Nothing in "rejects" handled an error: the scan was refused.');
  const told = (method: string): Record<string, unknown> | undefined =>
    lines.map((line) => JSON.parse(line) as Record<string, unknown>).find((line) => line['method'] === method);
  expect(told('rejects')).toMatchObject({ kind: 'Floating', taskId, state: 'rejects', isOver: false });
  await eventually('the error of the timer in the log', () => told('throws') !== undefined);
  expect(told('throws')).toMatchObject({ kind: 'Floating', taskId, state: 'throws' });
  // The same node goes on, and ends in order, although a method throws when it is told to leave.
  expect((await endOf(db, await addOf(db, FLOATING.kind))).exitStatus).toBe('COMPLETED');
  const waiting = await addOf(db, LISTENING.kind);
  await eventually('the method that listens', async () => {
    const { entering } = await db
      .selectFrom('task')
      .select('entering')
      .where('id', '=', waiting as never)
      .executeTakeFirstOrThrow();
    return entering === 'start';
  });
  await node.close();
  // A stack that Node prints by itself would be no line of the log.
  expect(lines.every((line) => line.startsWith('{'))).toBe(true);
  expect(told('start')).toMatchObject({ kind: 'Listening', taskId: waiting });
});

/** A node with the kinds of the file, and a way to call its API. */
async function serve() {
  const place = useWorkplace();
  const { db, url: databaseUrl } = await databases.fresh();
  const lines: string[] = [];
  const tokenFile = path.join(place.directory, 'admin');
  writeFileSync(tokenFile, TOKEN);
  const node = await ServedNode.start({
    databaseUrl,
    directory: place.directory,
    masterKey: randomBytes(32),
    args: ['--kinds', KIND_FILE],
    settings: { WIP_ADMIN_TOKEN_FILE: tokenFile },
    onLogLine: (line) => lines.push(line),
  });
  onTestFinished(() => node.close());
  const ask = async (route: string, body?: object): Promise<[number, Record<string, unknown>]> => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const answer = await fetch(node.url + route, {
      headers,
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    return [answer.status, (await answer.json()) as Record<string, unknown>];
  };
  return { db, node, lines, ask };
}

it('sizes and clusters that are promises are errors of their task, and the node lives', async () => {
  const { db, node, lines, ask } = await serve();
  const [status, refused] = await ask('/v1/tasks', { kind: UNSIZED.kind, options: {} });
  expect([status, refused['code']]).toEqual([422, 'OPTIONS_INVALID']);
  expect(JSON.stringify(refused)).toContain('containerSize is a promise, and nobody waits for it');
  // As one that was added when its class had another answer.
  const taskId = await addOf(db, UNSIZED.kind);
  const end = await endOf(db, taskId);
  expect(end).toMatchObject({ exitStatus: 'ERROR_SYSTEM' });
  expect(end.logs).toContainEqual(expect.stringContaining('clusters is a promise, and nobody waits for it'));
  expect((await ask(`/v1/tasks/${taskId}`))[0]).toBe(200);
  expect((await endOf(db, await addOf(db, 'BasicWip'))).exitStatus).toBe('COMPLETED');
  await node.close();
  expect(lines.every((line) => line.startsWith('{'))).toBe(true);
});

it('errors that a method leaves to nobody are told to it, and those that come later to its task', async () => {
  const { db, node, lines, ask } = await serve();
  const leave = async (how: string) => {
    const [status, { id }] = await ask('/v1/tasks', { kind: LEAVING.kind, options: { how } });
    expect(status).toBe(201);
    return { id: Number(id), ...(await endOf(db, Number(id))) };
  };
  const of = 'Nothing in "leaves" handled an error: ';
  expect((await leave('all')).exitMessage).toBe(
    `${of}There is no kind of task named "Unknown". Use one of BasicWip, ContainerWip, BuildSteps, Canary, Floating, Leaving, Listening, Unsized.`,
  );
  expect((await leave('each')).exitMessage).toBe(`${of}a is broken. ${of}b is broken.`);
  expect((await leave('alone')).exitMessage).toBe(
    `${of}addTask("second kid") did nothing: "leaves" was over when it came, so an "await" is missing there.`,
  );
  expect(await leave('handled')).toMatchObject({ exitStatus: 'COMPLETED', exitMessage: null });
  expect(lines.join('')).not.toContain('handled in the end');
  const { id } = await leave('timed');
  await eventually('the error in the log of the task', async () =>
    (await endOf(db, id)).logs.includes('"leaves" left an error that nobody handles: the timer failed.'),
  );
  await node.close();
  expect(lines.every((line) => line.startsWith('{'))).toBe(true);
});

it('a timer that a task never clears holds its node no longer than a second when the node is ended', async () => {
  const { node, lines, ask } = await serve();
  const [status] = await ask('/v1/tasks', { kind: LEAVING.kind, options: { how: 'lasting' } });
  expect(status).toBe(201);
  await eventually('the error of the timer', () => lines.some((line) => line.includes('the interval failed')));
  await node.close();
  expect(node.ending).toBe(0);
  expect(lines.every((line) => line.startsWith('{'))).toBe(true);
  expect(lines.join('')).toContain('ending although code of a task or a library goes on');
});

it('listeners for the end of the process that a task adds neither hold an ended node nor change its exit code', async () => {
  const { node, lines, ask } = await serve();
  const [status, { id }] = await ask('/v1/tasks', { kind: LEAVING.kind, options: { how: 'exiting' } });
  expect(status).toBe(201);
  await eventually(
    'the end of the task',
    async () => (await ask(`/v1/tasks/${String(id)}`))[1]['status'] === 'COMPLETE',
  );
  await node.close();
  expect(node.ending).toBe(0);
  for (const said of [
    'the licence was not returned',
    'process.exit() was called',
    'it went on, and was stopped 5 s after',
  ]) {
    await eventually(`"${said}" in the log`, () =>
      lines.some((line) => line.includes('a listener for the end of the process') && line.includes(said)),
    );
  }
  expect(lines.every((line) => line.startsWith('{'))).toBe(true);
});

it.each(['spinning', 'spinningLater'])(
  'a method with an endless loop (%s) holds its node, whose log names the kind, the method, the task and the line',
  async (how) => {
    const { node, lines, ask } = await serve();
    const asked = ask('/v1/tasks', { kind: LEAVING.kind, options: { how } }).catch(() => undefined);
    const isTold = (line: string): boolean => line.includes('the method of a task does not end and blocks this node');
    // It hears no other signal than SIGKILL.
    await eventually('the line of the log', () => lines.some(isTold)).finally(() => node.kill());
    expect(JSON.parse(lines.find(isTold) ?? '')).toMatchObject({
      level: 'error',
      ...{ kind: LEAVING.kind, taskId: 1, state: 'leaves', method: 'leaves' },
      stack: expect.arrayContaining([expect.stringMatching(/^spinning\S* \(file:\/\/\S+floating-wip\.ts:\d+\)$/)]),
    });
    await asked;
  },
);
