import { CONNECTIONS, importFrom, type StartContestant } from './contestant.ts';

interface Job {
  readonly data: { readonly lane: number };
}

interface Boss {
  on(event: 'error', listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  stop(options: { graceful: boolean }): Promise<void>;
  createQueue(name: string, options: object): Promise<void>;
  send(name: string, data: object): Promise<string | null>;
  work(name: string, options: object, handler: (jobs: readonly Job[]) => Promise<void>): Promise<string>;
}

interface Package {
  readonly PgBoss: new (options: object) => Boss;
}

const QUEUE = 'bench';

/**
 * A NOTIFY wakes all workers of an instance, and each queries for itself: one worker that takes all waiting jobs is
 * quicker than many that take one each.
 */
export const startPgBoss: StartContestant = async ({ url, directory, concurrency, hear }) => {
  const { PgBoss } = (await importFrom(directory, 'pg-boss')) as Package;
  const boss = new PgBoss({ connectionString: url, max: CONNECTIONS, useListenNotify: true });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue(QUEUE, { notify: true });
  await boss.work(QUEUE, { batchSize: concurrency, pollingIntervalSeconds: 0.5 }, (jobs) => {
    for (const { data } of jobs) hear(data.lane);
    return Promise.resolve();
  });
  return {
    send: async (lane) => void (await boss.send(QUEUE, { lane })),
    close: () => boss.stop({ graceful: false }),
  };
};
