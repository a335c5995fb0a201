import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { NodeMessage, type NodeOrder } from './node-order.ts';

const PROGRAM = path.join(import.meta.dirname, 'node.ts');

/** A process that has loaded its code and waits for its order. */
interface Spare {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

/** A supply of loaded processes: loading costs half a second of a core, so it is done ahead, for any system. */
export interface NodeSpares {
  take(): Spare;
  close(): Promise<void>;
}

export function createNodeSpares(options: { readonly compileCache: string; readonly spares: number }): NodeSpares {
  const waiting: Spare[] = [];
  const all = new Set<Spare>();
  let isClosed = false;

  function spawnSpare(): Spare {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Code compiled by one node serves the next.
      env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: options.compileCache },
    });
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      // Either the process was not spawned at all, or it is ending and a message did not reach it: then its exit
      // follows.
      child.on('error', () => child.pid === undefined && resolve());
    });
    const spare = { child, ended };
    all.add(spare);
    void spare.ended.then(() => all.delete(spare));
    return spare;
  }

  function refill(): void {
    while (!isClosed && waiting.length < options.spares) waiting.push(spawnSpare());
  }

  refill();
  return {
    take() {
      // A process that failed to load has ended.
      let spare = waiting.shift();
      while (spare && !spare.child.connected) spare = waiting.shift();
      refill();
      return spare ?? spawnSpare();
    },
    async close() {
      isClosed = true;
      await Promise.all([...all].map(endNow));
    },
  };
}

function endNow({ child, ended }: Spare): Promise<void> {
  child.kill('SIGKILL'); // ends a frozen one too
  return ended;
}

export interface RunningNode {
  readonly name: string;
  /** null until the node listens. */
  readonly url: string | null;
  readonly ended: Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** The nodes of one system. */
export interface NodeFleet {
  /** Living nodes, frozen ones included. */
  readonly nodes: readonly RunningNode[];
  /** Resolves when the node listens, or has ended before that. */
  start(order: NodeOrder): Promise<RunningNode>;
  close(): Promise<void>;
}

export interface FleetOptions {
  /** All nodes write their logs here. */
  readonly logFile: string;
  /** Called when a node kills itself at this point. */
  readonly onDying: (name: string, point: string) => void;
  /** Awaited at every failpoint of every node. Only nodes in this process can have it. */
  readonly onPoint?: (name: string, where: string | undefined) => Promise<void>;
}

export function createNodeFleet({
  spares,
  logFile,
  onDying,
  onPoint,
}: FleetOptions & { readonly spares: NodeSpares }): NodeFleet {
  if (onPoint) throw new Error('nodes that are processes cannot wait for their parent at failpoints');
  const nodes = new Set<RunningNode>();
  const processes = new Set<Spare>();
  const log = createWriteStream(logFile, { flags: 'a' });

  async function start(order: NodeOrder): Promise<RunningNode> {
    const spare = spares.take();
    const { child, ended } = spare;
    const node = {
      name: order.name,
      url: null as string | null,
      ended,
      signal: (name: NodeJS.Signals): void => void child.kill(name),
    };
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    processes.add(spare);
    nodes.add(node);
    void ended.then(() => {
      nodes.delete(node);
      processes.delete(spare);
    });
    const listening = new Promise<void>((resolve) => {
      child.on('message', (message) => {
        const word = NodeMessage.parse(message);
        if (word.kind === 'dying') onDying(order.name, word.point);
        if (word.kind !== 'ready') return;
        node.url = word.url;
        resolve();
      });
    });
    child.send(order);
    await Promise.race([listening, ended]);
    return node;
  }

  return {
    get nodes() {
      return [...nodes];
    },
    start,
    async close() {
      await Promise.all([...processes].map(endNow));
      await new Promise<void>((resolve) => log.end(resolve));
    },
  };
}
