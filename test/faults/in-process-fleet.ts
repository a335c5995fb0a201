import { appendFileSync } from 'node:fs';
import { createLogger } from '../../shared/system/logger.ts';
import { createFailpoint } from './failpoint.ts';
import { hurriedClock } from '../testkit/system/hurried-time.ts';
import type { FleetOptions, NodeFleet, RunningNode } from './node-fleet.ts';
import type { NodeOrder } from './node-order.ts';
import { Power } from '../testkit/system/power.ts';
import { startNode } from './start-node.ts';

/**
 * Runs nodes in this process that end like processes without power. They start in a tenth of the time, which makes
 * hundreds of schedules possible. The other fleets show that their death is no different.
 */
export function createInProcessFleet({ logFile, onDying, onPoint }: FleetOptions): NodeFleet {
  const nodes = new Set<RunningNode>();

  async function start(order: NodeOrder): Promise<RunningNode> {
    const power = new Power();
    const ended = Promise.withResolvers<void>();
    const end = (): void => {
      power.cut();
      nodes.delete(node);
      ended.resolve();
    };
    let close: (() => Promise<void>) | null = null;
    const node = {
      name: order.name,
      url: null as string | null,
      ended: ended.promise,
      signal(name: NodeJS.Signals): void {
        switch (name) {
          case 'SIGSTOP':
            return power.freeze();
          case 'SIGCONT':
            return power.thaw();
          case 'SIGTERM':
            // A frozen node gets the signal after its thaw. A node that has not begun yet has no handler and ends at
            // once.
            return void power.untilItCanAct().then(() => (close ? void power.run(close).then(end) : end()));
          default:
            return end();
        }
      },
    };
    nodes.add(node);
    const write = (file: string, text: string): void => {
      if (power.isOn) appendFileSync(file, text);
    };
    const die = async (point: string): Promise<never> => {
      onDying(order.name, point);
      end();
      return new Promise<never>(() => undefined);
    };
    const failpoint = createFailpoint(order, die);
    const starting = power.run(() =>
      startNode(order, {
        clock: power.clock(hurriedClock(order.time)),
        log: createLogger(order.name, 'info', { write: (line: string) => write(logFile, line) }),
        journal: (line) => write(order.journal, `${line}\n`),
        failpoint: async (name, where) => {
          await power.untilItCanAct();
          await onPoint?.(name, where);
          await failpoint(name, where);
        },
      }),
    );
    const started = starting.then(
      (running) => {
        node.url = running.address;
        close = () => running.close();
      },
      (error: unknown) => {
        // Ends like a process that could not start. A dead node writes nothing.
        write(logFile, `${order.name} did not start: ${String(error)}\n`);
        end();
      },
    );
    await Promise.race([started, node.ended]);
    return node;
  }

  return {
    get nodes() {
      return [...nodes];
    },
    start,
    close() {
      for (const node of nodes) node.signal('SIGKILL');
      return Promise.resolve();
    },
  };
}
