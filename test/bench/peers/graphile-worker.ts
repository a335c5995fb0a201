import { CONNECTIONS, importFrom, type StartContestant } from './contestant.ts';

interface Runner {
  addJob(task: string, payload: object): Promise<unknown>;
  stop(): Promise<void>;
}

interface Package {
  readonly Logger: new (factory: () => () => void) => object;
  run(options: object): Promise<Runner>;
}

const TASK = 'bench';

/** A NOTIFY wakes one worker at a time. Batching, which trades latency for throughput, stays off. */
export const startGraphileWorker: StartContestant = async ({ url, directory, concurrency, hear }) => {
  const { Logger, run } = (await importFrom(directory, 'graphile-worker')) as Package;
  const runner = await run({
    connectionString: url,
    concurrency,
    maxPoolSize: CONNECTIONS,
    noHandleSignals: true,
    logger: new Logger(() => () => undefined),
    taskList: { [TASK]: ({ lane }: { lane: number }) => hear(lane) },
    crontab: '',
  });
  return {
    send: async (lane) => void (await runner.addJob(TASK, { lane })),
    close: () => runner.stop(),
  };
};
