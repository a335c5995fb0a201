import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { NodeWord, type NodeOrder } from './node-order.ts';

const PROGRAM = path.join(import.meta.dirname, 'node.ts');

export interface RunningNode {
  readonly name: string;
  readonly pid: number;
  /** Null until it listens. */
  readonly url: string | null;
  readonly ended: Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

export interface NodeFleet {
  /** Nodes that live, frozen ones included. */
  readonly nodes: readonly RunningNode[];
  /** Resolves when it listens, or has ended before it did. */
  start(order: NodeOrder): Promise<RunningNode>;
  close(): Promise<void>;
}

export interface FleetOptions {
  /** All nodes write their logs here. */
  readonly logFile: string;
  /** Code compiled by one node serves the next: loading takes half the time. */
  readonly compileCache: string;
  /** How many processes wait, loaded, for an order. */
  readonly spares: number;
  /** A node kills itself at this point. */
  readonly onDying: (name: string, point: string) => void;
}

/** A process that has loaded everything and waits to be told which node it is. */
interface Spare {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

export function createNodeFleet(options: FleetOptions): NodeFleet {
  const spares: Spare[] = [];
  const nodes = new Set<RunningNode>();
  const all = new Set<Spare>();
  let isClosed = false;

  function spawnSpare(): Spare {
    const log = openSync(options.logFile, 'a');
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM], {
      stdio: ['ignore', log, log, 'ipc'],
      env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: options.compileCache },
    });
    closeSync(log);
    // What cannot be said to a process that has just ended; its end itself is awaited elsewhere.
    child.on('error', () => undefined);
    const spare = { child, ended: once(child, 'exit').then(() => undefined) };
    all.add(spare);
    void spare.ended.then(() => all.delete(spare));
    return spare;
  }

  function refill(): void {
    while (!isClosed && spares.length < options.spares) spares.push(spawnSpare());
  }

  /** One that still lives: a spare that could not even load has ended, and its log says why. */
  function takeSpare(): Spare {
    let spare = spares.shift();
    while (spare && !spare.child.connected) spare = spares.shift();
    return spare ?? spawnSpare();
  }

  async function start(order: NodeOrder): Promise<RunningNode> {
    const { child, ended } = takeSpare();
    refill();
    const node = { name: order.name, pid: child.pid ?? 0, url: null as string | null, ended, signal };
    function signal(name: NodeJS.Signals): void {
      child.kill(name);
    }
    nodes.add(node);
    void ended.then(() => nodes.delete(node));
    const listening = new Promise<void>((resolve) => {
      child.on('message', (message) => {
        const word = NodeWord.parse(message);
        if (word.kind === 'dying') options.onDying(order.name, word.point);
        if (word.kind !== 'ready') return;
        node.url = word.url;
        resolve();
      });
    });
    child.send(order);
    await Promise.race([listening, ended]);
    return node;
  }

  refill();
  return {
    get nodes() {
      return [...nodes];
    },
    start,
    async close() {
      isClosed = true;
      const ends = [...all].map(({ child, ended }) => {
        child.kill('SIGKILL'); // wakes a frozen one too
        return ended;
      });
      await Promise.all(ends);
    },
  };
}
