import { createWipClient, type WipClient } from '../../../controlplane/cli/client/wip-client.ts';
import { startDevelopment, type Development } from '../../../controlplane/cli/node/start-development.ts';
import { watchTask } from '../../../controlplane/cli/output/watch-task.ts';
import type { TaskView } from '../../../controlplane/api/tasks/task-views.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { eventually } from '../eventually.ts';
import type { Workplace } from '../programs/program.ts';

// A build of one small step takes three seconds on idle cores.
const MOMENT_MS = 240_000;

/** A whole development system in the process of the test: database, local ECS and a node; its data is in the place. */
export function startSystem(
  place: Workplace,
  given: Parameters<typeof startDevelopment>[0]['given'] = {},
): Promise<Development> {
  const { PATH, HOME } = process.env;
  return startDevelopment({
    environment: { PATH, HOME, TMPDIR: place.directory },
    given: { data_dir: place.path('.wip'), port: 0, ...given },
    clock: systemClock,
    random: Math.random,
    log: createLogger('test', 'silent'),
  });
}

/** A build of a system in the process of the test, and what a person sees of it who watches it. */
export class WatchedBuild {
  readonly id: number;
  readonly client: WipClient;
  /** The last view of the task; resolves too when the watching is stopped. */
  readonly ended: Promise<TaskView>;
  readonly #abort = new AbortController();
  #out = '';

  private constructor(id: number, client: WipClient) {
    this.id = id;
    this.client = client;
    const sink = {
      write: (text: string | Uint8Array) => void (this.#out += Buffer.from(text).toString()),
      drained: async () => undefined,
      isTerminal: false,
      columns: undefined,
    };
    this.ended = watchTask(client, id, sink, { abort: this.#abort.signal });
  }

  static async start(system: Development, options: Readonly<Record<string, unknown>>): Promise<WatchedBuild> {
    const client = createWipClient({ url: system.url, token: system.token.reveal() });
    const { id } = await client.addTask({ kind: 'BuildSteps', options });
    return new WatchedBuild(id, client);
  }

  get out(): string {
    return this.#out;
  }

  /** Waits until the person has seen this. */
  async says(text: string): Promise<void> {
    await eventually(`"${text}"`, () => this.#out.includes(text), MOMENT_MS);
  }

  /** Ends the watching, not the build. */
  async stopWatching(): Promise<void> {
    this.#abort.abort();
    await this.ended;
  }
}
