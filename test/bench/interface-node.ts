import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openDatabase } from '../../controlplane/store/database.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import { addApiToken } from '../../controlplane/store/settings/api-tokens.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';
import { startBenchNode } from './bench-node.ts';
import { withServer } from './bench-server.ts';
import { addEndedTasks } from './ended-tasks.ts';
import { enrolAgents, type EnrolledAgent } from './enrolled-agents.ts';
import { launchAgents } from './launched-agents.ts';

/** Tasks that have ended, beside one that goes on. */
export const ENDED_TASKS = 10_000;

/** A node as a process of its own, with many tasks. */
export interface InterfaceNode {
  readonly url: string;
  readonly pid: number;
  readonly databasePid: number;
  /** Of an administrator. */
  readonly token: string;
  /** The task that goes on, and its agent. */
  readonly taskId: number;
  readonly agent: EnrolledAgent;
}

export function withInterfaceNode<T>(measure: (node: InterfaceNode) => Promise<T>): Promise<T> {
  return withServer(async (server) => {
    const masterKey = randomBytes(32);
    const token = randomBytes(32).toString('base64url');
    const { db, close } = openDatabase(server.url, { poolSize: 2 });
    await migrate(db);
    await addApiToken(db, { name: 'bench', role: 'admin', tokenHash: sha256Hex(token) });
    const launched = await launchAgents(db, 1, masterKey);
    await addEndedTasks(db, ENDED_TASKS);
    await close();
    await mkdir(path.join(server.directory, 'node'), { recursive: true });
    const node = await startBenchNode({ databaseUrl: server.url, directory: server.directory, masterKey });
    try {
      const [agent] = await enrolAgents(node.url, launched);
      if (!agent) throw new Error('the agent has not enrolled');
      return await measure({ url: node.url, pid: node.pid, databasePid: server.pid, token, taskId: 1, agent });
    } finally {
      await node.close();
    }
  });
}
