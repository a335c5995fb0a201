import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { startEmbeddedPostgres } from '../../../controlplane/postgres/embedded-postgres.ts';
import { migrate } from '../../../controlplane/store/migrate.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { addOf, endOf, engineDeps, kindOf, runEngine } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { RecordingLog } from '../../kit/recording-log.ts';
import { fillDisk, makeDisk, mayMount } from '../../kit/agent/small-disk.ts';

// A new cluster with its write-ahead log takes 64 MB.
const DISK_MB = 120;
const TURNS = 200;

/** Saves a long text in each turn. */
class Writes extends BasicWip {
  override getStateTable(): string {
    return `start {\n  * turn\n}\nturn:look {\n  again turn\n  done finish\n}\nfailure {\n  * finish\n}\n`;
  }
  async turn({ memory }: WipContext): Promise<void> {
    memory['turns'] = Number(memory['turns'] ?? 0) + 1;
    memory['text'] = `${Number(memory['turns'])} `.repeat(20_000);
  }
  look({ memory }: WipContext): string {
    return memory['turns'] === TURNS ? 'done' : 'again';
  }
}

/** Runs the engine of a node on the server. `complaints` are all its warnings. */
function openNode(url: string) {
  const { db, close } = openDatabase(url, { poolSize: 4 });
  const said: string[] = [];
  const listening = new Writable({ write: (piece, _encoding, next) => next(void said.push(String(piece))) });
  const kinds = [kindOf('Writes', (task) => new Writes(task))];
  const engine = runEngine(engineDeps(db, kinds, { log: createLogger('test', 'warn', listening) }));
  return {
    db,
    said,
    async close() {
      await engine.stop();
      await close();
    },
  };
}

describe('an embedded server whose disk is full', () => {
  it.skipIf(!mayMount)(
    'loses nothing, its tasks wait, and all goes on when there is room again (needs root that may mount)',
    async () => {
      const disk = makeDisk(DISK_MB);
      let ended = 0;
      const options = {
        directory: join(disk, 'db'),
        clock: systemClock,
        log: new RecordingLog(),
        onUnexpectedExit: () => void (ended += 1),
      };
      let server = await startEmbeddedPostgres(options);
      const opened = openDatabase(server.url, { poolSize: 1 });
      await migrate(opened.db);
      const id = await addOf(opened.db, 'Writes');
      await opened.close();
      let node = openNode(server.url);
      onTestFinished(async () => {
        await node.close();
        await server.close();
      });
      const turnsOf = async (): Promise<number> => {
        const row = await node.db.selectFrom('task').select('memory').executeTakeFirst();
        return Number(row?.memory['turns'] ?? 0);
      };
      await eventually('some turns', async () => (await turnsOf()) > 2);
      const giveBack = fillDisk(disk);
      const isBroken = (): boolean =>
        /No space left|terminat|ECONNREFUSED|starting up|recovery/.test(node.said.join(''));
      await eventually('the disk is full for the database too', isBroken);
      giveBack();
      // If the write-ahead log found no room, the server started again, and may have failed again. Then its node ends,
      // and the test restarts both, as an operator would.
      const isOver = async (): Promise<boolean> => (await turnsOf().catch(() => 0)) === TURNS;
      await eventually('the last turn, or the end of the server', async () => ended > 0 || (await isOver()), 90_000);
      if (ended > 0) {
        await node.close();
        await server.close(); // Ends no server any more, but gives the directory back.
        server = await startEmbeddedPostgres(options);
        node = openNode(server.url);
      }
      const end = await endOf(node.db, id);
      expect(end).toMatchObject({ exitStatus: 'COMPLETED', cause: null });
      expect(end.transcript.filter((line) => line.startsWith('turn =>'))).toHaveLength(TURNS);
    },
  );
});
