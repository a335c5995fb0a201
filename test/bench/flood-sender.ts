import { connect, type Socket } from 'node:net';
import { systemClock } from '../../shared/time/clock.ts';
import { FloodOrder, type FloodWord } from './flood-order.ts';

// Floods a server on this machine, in a process apart from the server and from the other senders.

/** Requests under way on a connection (HTTP pipelining): the sender never waits for the answer to one. */
const PIPELINED = 16;
const OPENING_AT_ONCE = 200;
const STATUS = /HTTP\/1\.1 (\d{3})/g;

const answers: Record<string, number> = {};
const tell = (word: FloodWord): void => void process.send?.(word);

async function open({ port, greeting }: FloodOrder): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined); // the server may close any connection
  await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()));
  if (greeting !== null) socket.write(Buffer.from(greeting, 'base64'));
  return socket;
}

function flood(socket: Socket, request: Buffer): void {
  const send = (count: number): void => void socket.write(Buffer.concat(Array.from({ length: count }, () => request)));
  socket.on('data', (data) => {
    const statuses = [...data.toString('latin1').matchAll(STATUS)].map(([, status = '']) => status);
    for (const status of statuses) answers[status] = (answers[status] ?? 0) + 1;
    if (statuses.length > 0) send(statuses.length);
  });
  send(PIPELINED);
}

async function obey(order: FloodOrder): Promise<void> {
  const sockets: Socket[] = [];
  while (sockets.length < order.connections) {
    const count = Math.min(OPENING_AT_ONCE, order.connections - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: count }, () => open(order)))));
  }
  tell({ kind: 'open' });
  if (order.request !== null) for (const socket of sockets) flood(socket, Buffer.from(order.request, 'base64'));
  await systemClock.sleep(order.seconds * 1_000);
  for (const socket of sockets) socket.destroy();
  tell({ kind: 'ended', answers });
}

process.once('disconnect', () => process.exit(0));
process.on('message', (message) => void obey(FloodOrder.parse(message)));
