import { openDatabase } from '../../controlplane/store/database.ts';
import { onHeard } from './engine-kinds.ts';
import { ListenerNodeOrder, type ListenerNodeWord } from './listener-node-order.ts';
import { startEngine } from './start-engine.ts';

// A node of the scaling table as a process of its own. It runs until its parent disconnects.

function say(word: ListenerNodeWord): void {
  // A parent that has disconnected gets no message.
  if (process.connected) process.send?.(word);
}

function run({ name, url, pool }: ListenerNodeOrder): void {
  const { db, close } = openDatabase(url, { poolSize: pool, plansOnce: true });
  onHeard((task, atMs) => say({ kind: 'heard', task, atMs }));
  const engine = startEngine(url, db, name);
  process.once('disconnect', () => {
    void engine
      .stop()
      .then(close)
      .then(() => process.exit(0));
  });
  say({ kind: 'runs' });
}

process.once('message', (message) => run(ListenerNodeOrder.parse(message)));
