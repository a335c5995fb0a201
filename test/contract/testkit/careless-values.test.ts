import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BASIC_OPTIONS, BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipClass } from '../../../controlplane/tasks/wip-class.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';
import { findServer, type DatabaseServer } from '../../kit/database/database-server.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';
import { startWip } from '../../testkit/start-wip.ts';
import type { StartedWip } from '../../testkit/started-wip.ts';

/** A context as JavaScript sees it: nothing keeps an author from giving these values. */
interface Careless {
  addTask(...given: readonly unknown[]): Promise<unknown>;
  deliver(...given: readonly unknown[]): Promise<unknown>;
  delivery(...given: readonly unknown[]): Promise<unknown>;
  readonly agent: { startProcess(...given: readonly unknown[]): Promise<unknown> };
}
type Act = (context: Careless) => Promise<unknown>;

const CHILD = { kind: 'BasicWip', options: {} };
const REQUEST = { method: 'POST', url: 'http://127.0.0.1:9/' };
const HALF = String.fromCharCode(0xd800);

const child =
  (changes: object): Act =>
  (context) =>
    context.addTask('kid', { ...CHILD, ...changes });
const request =
  (changes: object): Act =>
  (context) =>
    context.deliver('report', { ...REQUEST, ...changes });

/** Returns an object that no parser of JSON takes for its depth. */
function nested(): object {
  let value = {};
  for (let depth = 0; depth < 20_000; depth += 1) value = { value };
  return value;
}

/** What an author gives by mistake, and the words of the sentence that he reads; null: nothing is wrong with it. */
const VALUES: Readonly<Record<string, readonly [Act, string | null]>> = {
  'a child': [child({}), null],
  'a child without a name': [
    (context) => context.addTask(undefined, CHILD),
    'The child undefined cannot be added: name',
  ],
  'a child with an empty name': [(context) => context.addTask('', CHILD), 'name must have at least 1 characters'],
  'a child whose name holds NUL': [(context) => context.addTask('a\0b', CHILD), 'name must hold no control characters'],
  'a child whose name is no Unicode': [
    (context) => context.addTask(HALF, CHILD),
    'name must hold no control characters',
  ],
  'a child in a scope that there is not': [
    (context) => context.addTask('kid', CHILD, 'forever'),
    'scope must be one of',
  ],
  'a child that is nothing': [
    (context) => context.addTask('kid'),
    'The child "kid" cannot be added: nothing was given but its name',
  ],
  'a child of a priority that there is not': [child({ priority: 'URGENT' }), 'priority must be one of CRITICAL, HIGH'],
  'a child in a group that is no name': [child({ group: 'a\0b' }), 'The group "a\\u0000b" is no name'],
  'a child in a group that is no text': [child({ group: 7 }), 'group must be a text'],
  'a child with a title that is no text': [child({ title: 7 }), 'title must be a text'],
  'a child with a field that is misspelt': [child({ tilte: 'x' }), 'tilte is not known'],
  'a child whose options are no object': [child({ options: 'x' }), 'options must be an object'],
  'a child of a kind that is no text': [child({ kind: 7 }), 'kind must be a text'],
  'a child whose class says odd things': [child({ kind: 'Odd' }), 'The class of Odd says of this task'],
  'a child with options that go too deep': [
    child({ kind: 'Holds', options: { value: nested() } }),
    'is nested more than 500 levels deep',
  ],
  'a child with options that are too large': [
    (context) => context.addTask('kid', { kind: 'Holds', options: { value: 'x'.repeat(65 * 1024 * 1024) } }),
    'is larger than 64 MB as JSON',
  ],
  'a request': [request({ headers: { 'x-name': 'Müller' }, giveUpAfterSeconds: 60, order: 'one', body: 'x' }), null],
  'a request without a name': [(context) => context.deliver(undefined, REQUEST), 'name is missing'],
  'a request whose name holds NUL': [(context) => context.deliver('\0', REQUEST), 'name must hold no control'],
  'a request in a scope that there is not': [
    (context) => context.deliver('a', REQUEST, 'ever'),
    'scope must be one of',
  ],
  'a delivery in a scope that there is not': [(context) => context.delivery('a', 'ever'), 'scope must be one of'],
  'a request that is nothing': [(context) => context.deliver('a'), 'cannot be sent: nothing was given but its name'],
  'a request of a misspelt method': [request({ method: 'post' }), 'method must be one of GET, POST'],
  'a request with a field that is misspelt': [request({ header: {} }), 'header is not known'],
  'a request to no address': [request({ url: 'not a url' }), 'url must be an http or https address'],
  'a request that shows a password': [request({ url: 'http://me:word@127.0.0.1:9/' }), 'url must not hold a user'],
  'a request with a header that Latin-1 has not': [
    request({ headers: { x: '\u{1F600}' } }),
    'headers.x must be Latin-1',
  ],
  'a request with a header of two lines': [request({ headers: { x: 'a\r\nb: c' } }), 'headers.x must be Latin-1'],
  'a request with a header that is no text': [request({ headers: { x: 1 } }), 'headers.x must be a text'],
  'a request with a length of its own': [
    request({ headers: { 'Content-Length': '1' } }),
    'headers.Content-Length is no',
  ],
  'a request with an encoding': [request({ headers: { 'transfer-encoding': 'x' } }), 'headers.transfer-encoding is no'],
  'a request for another protocol': [request({ headers: { upgrade: 'x' } }), 'headers.upgrade is no header'],
  'a request that expects': [request({ headers: { expect: '100-continue' } }), 'headers.expect is no header'],
  'a request that is tried for ever': [
    request({ giveUpAfterSeconds: Infinity }),
    'a number of seconds, and is Infinity',
  ],
  'a request that is tried for no number': [request({ giveUpAfterSeconds: NaN }), 'a number of seconds, and is NaN'],
  'a request that is tried for a text': [request({ giveUpAfterSeconds: '10' }), 'a number of seconds, and is "10"'],
  'a request that is tried for ages': [request({ giveUpAfterSeconds: 1e300 }), 'giveUpAfterSeconds must be at most'],
  'a request that was given up before': [request({ giveUpAfterSeconds: -5 }), 'must be at least 0, and is -5'],
  'a request that is repeated sometimes': [request({ repeat: 'sometimes' }), 'repeat must be one of safe, never'],
  'a request in an order that holds NUL': [request({ order: 'a\0' }), 'order must hold no control characters'],
  'a request in an order that is a number': [request({ order: 1 }), 'order must be a text'],
  'a request with a body that is an object': [request({ body: { a: 1 } }), 'body must be a text'],
  'a process without a name': [
    ({ agent }) => agent.startProcess(undefined, {}, 'entry'),
    'The process undefined cannot',
  ],
  'a process whose name holds NUL': [({ agent }) => agent.startProcess('\0', {}, 'entry'), 'name must hold no control'],
  'a process in a scope that there is not': [
    ({ agent }) => agent.startProcess('a', {}, 'ever'),
    'scope must be one of',
  ],
};

const Options = z.strictObject({ value: z.string() });

class CarelessTask extends BasicWip<z.infer<typeof Options>> {
  override get kind(): string {
    return 'CarelessTask';
  }
  override async start(context: WipContext): Promise<void> {
    await VALUES[this.options.value]?.[0](context as unknown as Careless);
  }
}

/** JavaScript lets a class say anything of its tasks. What it says with an option is known with a task only. */
class Odd extends BasicWip {
  override get kind(): string {
    return 'Odd';
  }
  override get title(): string {
    return (this.options as { title?: string }).title ?? (7 as never);
  }
}

const CARELESS = defineWip({
  kind: 'CarelessTask',
  version: 1,
  options: { schema: Options, sealed: [] },
  create: (task) => new CarelessTask(task),
});
const ODD: WipClass = defineWip({
  kind: 'Odd',
  version: 1,
  options: BASIC_OPTIONS,
  create: (task) => new Odd(task),
});
class Holds extends BasicWip<{ value: unknown }> {
  override get kind(): string {
    return 'Holds';
  }
}
const HOLDS = defineWip({
  kind: 'Holds',
  version: 1,
  options: { schema: z.strictObject({ value: z.unknown() }), sealed: [] },
  create: (task) => new Holds(task),
});

describe('simulateTask refuses what the engine refuses, with the same sentence', () => {
  let server: DatabaseServer;
  let wip: StartedWip;
  beforeAll(async () => {
    server = await findServer();
    wip = await startWip({ kinds: [CARELESS, ODD, HOLDS], databaseUrl: server.url });
  });
  afterAll(async () => {
    await wip.close();
    await server.close([]);
  });

  it.each(Object.entries(VALUES))('%s', async (value, [, words]) => {
    const { exit } = await simulateTask(CARELESS, { options: { value } }, { kinds: [ODD, HOLDS] });
    const real = await wip.until(await wip.addTask(CARELESS, { value }));
    const sentence = words === null ? undefined : expect.stringContaining(words);
    expect({ status: exit.status, detail: exit.detail }).toEqual({
      status: words === null ? 'COMPLETED' : 'ERROR_SYSTEM',
      detail: sentence,
    });
    expect({ status: real.exitStatus, detail: real.exitDetail ?? undefined }).toEqual({
      status: exit.status,
      detail: exit.detail,
    });
  });
});
