import { CONNECTIONS, importFrom, type StartContestant } from './contestant.ts';

interface Package {
  readonly DBOS: {
    setConfig(config: object): void;
    registerWorkflow<T extends unknown[]>(body: (...args: T) => Promise<void>, options: { name: string }): unknown;
    startWorkflow(workflow: unknown, options: { workflowID: string }): (...args: unknown[]) => Promise<unknown>;
    launch(): Promise<void>;
    shutdown(): Promise<void>;
    send(workflow: string, message: unknown): Promise<void>;
    recv(topic: undefined, options: { timeoutSeconds: number }): Promise<unknown>;
  };
}

const RECEIVE_SECONDS = 3_600;
const END = 'end';

/**
 * Runs a workflow for each lane, which receives one message after the other. A trigger of DBOS's own table notifies
 * it.
 */
export const startDbos: StartContestant = async ({ url, directory, lanes, hear }) => {
  const { DBOS } = (await importFrom(directory, '@dbos-inc/dbos-sdk')) as Package;
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: url,
    systemDatabasePoolSize: CONNECTIONS,
    useListenNotify: true,
    runAdminServer: false,
    logLevel: 'error',
  });
  const listen = DBOS.registerWorkflow(
    async (lane: number) => {
      while ((await DBOS.recv(undefined, { timeoutSeconds: RECEIVE_SECONDS })) !== END) hear(lane);
    },
    { name: 'listen' },
  );
  await DBOS.launch();
  const workflowOf = (lane: number): string => `lane-${lane}`;
  for (let lane = 0; lane < lanes; lane += 1) {
    await DBOS.startWorkflow(listen, { workflowID: workflowOf(lane) })(lane);
  }
  return {
    send: (lane) => DBOS.send(workflowOf(lane), 'more'),
    async close() {
      for (let lane = 0; lane < lanes; lane += 1) await DBOS.send(workflowOf(lane), END);
      await DBOS.shutdown();
    },
  };
};
