import path from 'node:path';
import { loadKinds } from '../../../controlplane/cli/kinds/load-kinds.ts';
import type { WipClass } from '../../../controlplane/tasks/wip-class.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { checkGivenKinds } from '../check-given-kind.ts';
import type { StartWipOptions } from '../started-wip.ts';
import { TestkitError } from '../testkit-error.ts';
import { startNodeHere, startNodeProcess, type WipNode, type WipSettings } from './wip-node.ts';

export interface WipNodesDeps {
  readonly options: StartWipOptions;
  /** All kinds beside those that are shipped. */
  readonly kinds: readonly WipClass[];
  readonly directory: string;
  readonly clock: Clock;
  readonly onLogLine: (line: string) => void;
}

// The longest life of a task, by which the tables of classes in files are checked: the default of a node.
const MAX_RUN_SECONDS = 86_400;

function filesOf({ kinds = [] }: StartWipOptions): string[] {
  return kinds.filter((kind) => typeof kind === 'string').map((file) => path.resolve(file));
}

/** Returns the kinds that are given, those in files too. Throws for one that no node takes, and for two of one name. */
export async function loadGivenKinds(options: StartWipOptions): Promise<readonly WipClass[]> {
  const classes = (options.kinds ?? []).filter((kind): kind is WipClass => typeof kind !== 'string');
  const where = { cwd: process.cwd(), maxRunSeconds: MAX_RUN_SECONDS };
  return checkGivenKinds([...classes, ...(await loadKinds(filesOf(options), where))]);
}

/** The nodes of a system. */
export class WipNodes {
  /** Settings of every node that is started from now on. */
  settings: WipSettings = {};
  readonly #deps: WipNodesDeps;
  readonly #living = new Map<string, WipNode>();
  readonly #starting = new Set<Promise<string>>();
  #started = 0;

  constructor(deps: WipNodesDeps) {
    this.#deps = deps;
  }

  get names(): string[] {
    return [...this.#living.keys()];
  }

  get urls(): URL[] {
    return [...this.#living.values()].map(({ url }) => url);
  }

  async start(): Promise<string> {
    const starting = this.#start();
    this.#starting.add(starting);
    try {
      return await starting;
    } finally {
      this.#starting.delete(starting);
    }
  }

  async #start(): Promise<string> {
    const { options, kinds, directory, clock, onLogLine } = this.#deps;
    this.#started += 1;
    const name = `node-${this.#started}`;
    const order = { name, settings: { ...this.settings, node: name }, clock, onLogLine };
    const node =
      options.nodesRun === 'processes'
        ? await startNodeProcess(order, { directory, kindFiles: filesOf(options) })
        : await startNodeHere(order, kinds);
    this.#living.set(name, node);
    return name;
  }

  async kill(name = this.#onlyName()): Promise<void> {
    const node = this.#living.get(name);
    if (!node) throw new TestkitError(`kill: no node ${name} lives; these do: ${this.names.join(', ') || 'none'}`);
    this.#living.delete(name);
    await node.kill();
  }

  /** Nodes that are still starting are waited for: without their database they would try for ever. */
  async closeAll(): Promise<void> {
    await Promise.allSettled(this.#starting);
    const nodes = [...this.#living.values()];
    const ends = await Promise.allSettled(nodes.map((node) => node.close()));
    this.#living.clear();
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #onlyName(): string {
    const [first, ...others] = this.names;
    if (first !== undefined && others.length === 0) return first;
    if (first === undefined) throw new TestkitError('kill: no node lives; start one with startNode()');
    throw new TestkitError(`kill: say which node; these live: ${this.names.join(', ')}`);
  }
}
