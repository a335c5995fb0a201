import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startLocalEcs, type LocalEcs } from '../../controlplane/localecs/start-local-ecs.ts';
import { createProcessLauncher } from '../../controlplane/localecs/process/process-launcher.ts';
import { EcsClusterStore } from '../../controlplane/store/clusters/ecs-cluster-store.ts';
import { localCluster } from '../../controlplane/store/clusters/local-cluster.ts';
import { openDatabase } from '../../controlplane/store/database.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import type { Db } from '../../controlplane/store/schema.ts';
import { addApiToken } from '../../controlplane/store/settings/api-tokens.ts';
import { setGroup } from '../../controlplane/store/settings/groups.ts';
import { TaskId } from '../../shared/model/ids.ts';
import { EXIT_STATUS } from '../../shared/model/status.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { createLogger } from '../../shared/system/logger.ts';
import { Secret } from '../../shared/keys/secret.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';
import type { ServedNode } from '../testkit/system/served-node.ts';
import { startBenchNode } from './bench-node.ts';
import type { BenchServer } from './bench-server.ts';
import type { RecordedBuild } from './build-timeline.ts';

// Often enough that the end of a build is known within its own noise, and cheap: one row by its key.
const LOOK_MS = 10;
const BOUND_MS = 60_000;
const CONFIG_INI = '[disk]\ninitial_size = 0\nmax_workload = 10\n[time]\nmax_workload = 3600\n';

/** One node in a process of its own and a local ECS whose containers are compiled agents. */
export class WipSystem {
  readonly db: Db;
  readonly node: ServedNode;
  readonly token: string;
  readonly #ecs: LocalEcs;
  readonly #closeDatabase: () => Promise<void>;

  private constructor(parts: { db: Db; node: ServedNode; token: string; ecs: LocalEcs; close: () => Promise<void> }) {
    this.db = parts.db;
    this.node = parts.node;
    this.token = parts.token;
    this.#ecs = parts.ecs;
    this.#closeDatabase = parts.close;
  }

  static async start(server: BenchServer, agentBinary: string): Promise<WipSystem> {
    const masterKey = randomBytes(32);
    const token = randomBytes(32).toString('base64url');
    const launcher = createProcessLauncher({
      command: [agentBinary, 'run'],
      configIni: CONFIG_INI,
      searchPath: process.env['PATH'] ?? '/usr/bin:/bin',
      clock: systemClock,
    });
    const ecs = await startLocalEcs({
      directory: join(server.directory, 'ecs'),
      launcher,
      clock: systemClock,
      log: createLogger('local ecs', 'silent'),
    });
    const { db, close } = openDatabase(server.url, { poolSize: 2 });
    await migrate(db);
    await new EcsClusterStore(db, new Secret(masterKey)).save(localCluster(ecs));
    await addApiToken(db, { name: 'bench', role: 'admin', tokenHash: sha256Hex(token) });
    await setGroup(db, { name: 'BuildSteps', maxRunning: 300 });
    // The disk of this machine may be fuller than that of a host for builds.
    const settings = { WIP_MAX_DISK_PERCENT: '100' };
    const node = await startBenchNode({ databaseUrl: server.url, directory: server.directory, masterKey, settings });
    return new WipSystem({ db, node, token, ecs, close });
  }

  async add(options: Readonly<Record<string, unknown>>): Promise<TaskId> {
    const answer = await fetch(new URL('/v1/tasks', this.node.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'BuildSteps', options }),
    });
    if (!answer.ok) throw new Error(`a build was answered ${answer.status}: ${await answer.text()}`);
    return TaskId.parse(((await answer.json()) as { id: unknown }).id);
  }

  /** Adds a build, waits for its end, and returns what was recorded. */
  async build(repository: string): Promise<RecordedBuild> {
    const postedAt = new Date();
    const id = await this.add({ sourceVcsUri: repository, vcsPath: 'main' });
    await this.untilEnded(id);
    return this.#read(id, postedAt);
  }

  async close(): Promise<void> {
    await this.node.close();
    await this.#ecs.close();
    await this.#closeDatabase();
  }

  async untilEnded(id: TaskId, boundMs: number = BOUND_MS): Promise<void> {
    const startedMs = performance.now();
    const hasEnded = this.db.selectFrom('task').select('completedAt').where('id', '=', id);
    while (!(await hasEnded.executeTakeFirst())?.completedAt) {
      if (performance.now() - startedMs > boundMs) throw new Error(`build ${id} did not end within ${boundMs} ms`);
      await systemClock.sleep(LOOK_MS);
    }
  }

  async #read(id: TaskId, postedAt: Date): Promise<RecordedBuild> {
    const task = await this.db.selectFrom('task').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const { createdAt, startedAt, completedAt, exitStatus, exitMessage, memory } = task;
    if (exitStatus !== EXIT_STATUS.COMPLETED || !startedAt || !completedAt) {
      throw new Error(`build ${id} failed: ${exitMessage}; the node: ${JSON.stringify(this.node.complaints)}`);
    }
    const rows = (table: 'step' | 'signal') => this.db.selectFrom(table).where('taskId', '=', id).orderBy('id');
    const attempt = this.db.selectFrom('containerAttempt').selectAll().where('taskId', '=', id);
    const effects = await this.db.selectFrom('effect').select(['name', 'key']).where('taskId', '=', id).execute();
    return {
      postedAt,
      createdAt,
      startedAt,
      completedAt,
      attempt: await attempt.executeTakeFirstOrThrow(),
      steps: await rows('step').selectAll('step').execute(),
      signals: await rows('signal').selectAll('signal').execute(),
      processes: new Map(effects.map(({ name, key }) => [name, key])),
      buildSteps: (memory as { steps?: RecordedBuild['buildSteps'] }).steps ?? [],
    };
  }
}
