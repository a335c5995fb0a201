import { openDatabase } from '../../../controlplane/store/database.ts';
import { migrate } from '../../../controlplane/store/migrate.ts';
import { onHeard } from '../engine-kinds.ts';
import { makeListeners } from '../listeners.ts';
import { startEngine } from '../start-engine.ts';
import { CONNECTIONS, type StartContestant } from './contestant.ts';

/**
 * Sends a signal to a task of Wip. It is recorded, and heard by the task's transition method, whose answer is saved.
 */
export const startWip: StartContestant = async ({ url, lanes, hear }) => {
  const { db, close } = openDatabase(url, { poolSize: CONNECTIONS, plansOnce: true });
  await migrate(db);
  const listeners = await makeListeners(db, lanes);
  onHeard((task) => hear(listeners.laneOf(task)));
  const engine = startEngine(url, db, 'node-1');
  listeners.onWoken = engine.notify;

  return {
    send: (lane) => listeners.send(lane),
    async close() {
      await engine.stop();
      await close();
    },
  };
};
