import { loadConfig } from '../../../controlplane/config.ts';
import { startControlPlane } from '../../../controlplane/server.ts';
import type { WipClass } from '../../../controlplane/tasks/wip-class.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { Power } from './power.ts';
import { ServedNode } from './served-node.ts';

/** Settings of a node, by their names in controlplane.yml. */
export type WipSettings = NonNullable<Parameters<typeof loadConfig>[0]['given']>;

/** One node of a test's system. */
export interface WipNode {
  readonly name: string;
  readonly url: URL;
  /** Ends the node as if its machine were gone. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface WipNodeOrder {
  readonly name: string;
  readonly settings: WipSettings;
  readonly clock: Clock;
  /** Called with each line of its log. */
  readonly onLogLine: (line: string) => void;
}

/** Starts a node that lives in this process and ends like one without power. */
export async function startNodeHere(order: WipNodeOrder, kinds: readonly WipClass[]): Promise<WipNode> {
  const { name, settings, clock, onLogLine } = order;
  const power = new Power();
  const write = (line: string): void => {
    if (power.isOn) onLogLine(line);
  };
  const running = await power.run(() =>
    startControlPlane({
      config: loadConfig({ environment: {}, given: settings }),
      environment: {},
      version: 'testkit',
      clock: power.clock(clock),
      random: Math.random,
      log: createLogger(name, settings.log_level ?? 'info', { write }),
      kinds,
    }),
  );
  return {
    name,
    url: new URL(running.address),
    kill() {
      power.cut();
      return Promise.resolve();
    },
    close: () => power.run(() => running.close()),
  };
}

/** Starts `wipctl serve` with these settings. */
export async function startNodeProcess(
  order: WipNodeOrder,
  { directory, kindFiles }: { directory: string; kindFiles: readonly string[] },
): Promise<WipNode> {
  const { name, settings, onLogLine } = order;
  const { database_url: databaseUrl = '', master_key: masterKey = '', ...rest } = settings;
  const node = await ServedNode.start({
    databaseUrl,
    masterKey: Buffer.from(masterKey, 'base64'),
    directory,
    args: kindFiles.length > 0 ? ['--kinds', ...kindFiles] : [],
    settings: Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [`WIP_${key.toUpperCase()}`, String(value)]),
    ),
    onLogLine,
  });
  return { name, url: new URL(node.address), kill: () => node.kill(), close: () => node.close() };
}
