import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import pg from 'pg';

/**
 * Stands before a PostgreSQL server and keeps its connections when their clients are gone, for the next clients of
 * the same database. A connection is a process of the server, which costs more than all queries of a node in its
 * short life. Sessions are never shared: a client's statements under way end as on the server itself, its open
 * transaction is rolled back, and the next client finds a session without any trace.
 */
export interface ConnectionKeeper {
  readonly port: number;
  /**
   * Resolves when no statement of any client is under way on the database. Call it when all clients are gone. Rejects
   * after a minute: a schedule whose node lives on must fail, and not hang.
   */
  settled(database: string): Promise<void>;
  close(): Promise<void>;
}

const HEADER_BYTES = 5; // a letter, and a length that counts itself
const SSL_REQUEST = 80_877_103;
const PROTOCOL_3 = 196_608;
// Statements of a fault schedule take milliseconds, or seconds on a machine that swaps.
const SETTLED_WITHIN_MS = 60_000;

/** `url`: address of the server, with a user who may use every database that clients ask for. */
export async function startConnectionKeeper(url: string): Promise<ConnectionKeeper> {
  const sessions = new Set<Session>();
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => undefined); // its close follows
    greet(client, sessionFor);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  async function sessionFor(database: string): Promise<Session> {
    for (const session of sessions) if (session.database === database && session.take()) return session;
    const session = await openSession(url, database);
    sessions.add(session);
    void session.ended.then(() => sessions.delete(session));
    return session;
  }

  return {
    port: (server.address() as AddressInfo).port,
    async settled(database) {
      const all = [...sessions].filter((session) => session.database === database);
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error(`${database} is still in use`)), SETTLED_WITHIN_MS);
      await Promise.race([Promise.all(all.map((session) => session.idle())), late.promise]).finally(() =>
        clearTimeout(timer),
      );
    },
    async close() {
      server.close();
      for (const session of sessions) session.end();
      for (const client of clients) client.destroy();
      await Promise.all([...sessions].map((session) => session.ended));
    },
  };
}

/** Answers a client's start packet, and joins the client with a session of the database that it names. */
function greet(client: Socket, sessionFor: (database: string) => Promise<Session>): void {
  let received: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 8 || received.length < received.readInt32BE(0)) return;
    const length = received.readInt32BE(0);
    const code = received.readInt32BE(4);
    const words = received.toString('utf8', 8, length).split('\0');
    received = received.subarray(length);
    if (code === SSL_REQUEST) return void client.write('N');
    client.off('data', onData);
    client.pause();
    if (code !== PROTOCOL_3) return void client.destroy();
    void sessionFor(words[words.indexOf('database') + 1] ?? '').then(
      (session) => session.join(client),
      () => client.destroy(),
    );
  };
  client.on('data', onData);
}

/** Returns the first whole message of the protocol, its head included; null while it is incomplete. */
function firstMessage(bytes: Buffer): Buffer | null {
  if (bytes.length < HEADER_BYTES) return null;
  const length = 1 + bytes.readInt32BE(1);
  return bytes.length < length ? null : bytes.subarray(0, length);
}

function message(letter: string, body: string | Buffer = ''): Buffer {
  const bytes = Buffer.concat([Buffer.from(`${letter}\0\0\0\0`), Buffer.from(body)]);
  bytes.writeInt32BE(bytes.length - 1, 1);
  return bytes;
}

async function openSession(url: string, database: string): Promise<Session> {
  const client = new pg.Client({ connectionString: Object.assign(new URL(url), { pathname: `/${database}` }).href });
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter & { stream: Socket } };
  const parameters: Buffer[] = [];
  connection.on('parameterStatus', ({ parameterName, parameterValue }: Record<string, string>) =>
    parameters.push(message('S', `${parameterName}\0${parameterValue}\0`)),
  );
  await client.connect();
  // pg has made the connection. From here on the keeper reads its bytes.
  connection.removeAllListeners();
  connection.stream.removeAllListeners();
  return new Session(database, connection.stream, Buffer.concat(parameters));
}

/** One connection of the server. */
class Session {
  readonly database: string;
  readonly ended: Promise<void>;
  readonly #server: Socket;
  readonly #parameters: Buffer;
  /** Number of answers that the server owes. Each ends with one ReadyForQuery. */
  #owed = 0;
  /** Messages of an extended query were sent without a Sync after them. */
  #isUnsynced = false;
  #client: Socket | null = null;
  #state: 'used' | 'cleaned' | 'idle' | 'ended' = 'used';
  #unread: Buffer = Buffer.alloc(0);
  readonly #idle: (() => void)[] = [];

  constructor(database: string, server: Socket, parameters: Buffer) {
    this.database = database;
    this.#server = server;
    this.#parameters = parameters;
    server.on('data', (chunk: Buffer) => this.#answer(chunk));
    server.on('error', () => undefined); // its close follows
    this.ended = once(server, 'close').then(() => {
      this.#client?.destroy();
      this.#become('ended');
    });
  }

  /** Takes the session if it is free. Returns whether the caller has it now. */
  take(): boolean {
    if (this.#state !== 'idle') return false;
    this.#state = 'used';
    return true;
  }

  /** Resolves when the session has no client and no work. */
  async idle(): Promise<void> {
    while (this.#state === 'used' || this.#state === 'cleaned')
      await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  end(): void {
    this.#state = 'ended';
    this.#server.end(message('X'));
  }

  join(client: Socket): void {
    this.#client = client;
    let received: Buffer = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      this.#server.cork();
      for (let whole = firstMessage(received); whole; whole = firstMessage(received)) {
        received = received.subarray(whole.length);
        this.#ask(whole);
      }
      this.#server.uncork();
    });
    client.on('close', () => this.#leave());
    client.write(Buffer.concat([message('R', Buffer.alloc(4)), this.#parameters, message('K', Buffer.alloc(8))]));
    client.write(message('Z', 'I'));
    client.resume();
    if (client.destroyed) this.#leave();
  }

  #ask(whole: Buffer): void {
    const letter = String.fromCharCode(whole[0]!);
    if (letter === 'X') return; // the client goes, the connection stays
    const isEnd = letter === 'Q' || letter === 'S';
    if (isEnd) this.#owed += 1;
    this.#isUnsynced = !isEnd;
    this.#server.write(whole);
  }

  #answer(chunk: Buffer): void {
    this.#client?.write(chunk);
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    for (let whole = firstMessage(this.#unread); whole; whole = firstMessage(this.#unread)) {
      this.#unread = this.#unread.subarray(whole.length);
      if (whole[0] === 0x5a) this.#owed -= 1; // ReadyForQuery
    }
    if (this.#state === 'cleaned' && this.#owed === 0) this.#become('idle');
  }

  /** Acts like the server when a client is gone: statements under way end, an open transaction is rolled back. */
  #leave(): void {
    if (this.#state !== 'used') return;
    this.#client = null;
    this.#state = 'cleaned';
    if (this.#isUnsynced) this.#ask(message('S'));
    this.#ask(message('Q', 'ROLLBACK\0'));
    this.#ask(message('Q', 'DISCARD ALL\0'));
  }

  #become(state: 'idle' | 'ended'): void {
    this.#state = state;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
