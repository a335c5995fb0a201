import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { DevFile } from '../../../controlplane/cli/client/dev-file.ts';
import { createWipClient, type WipClient } from '../../../controlplane/cli/client/wip-client.ts';
import type { TaskView } from '../../../controlplane/api/tasks/task-views.ts';
import { eventually } from '../eventually.ts';
import { Program, type ProgramEnd, type ProgramOptions, type Workplace } from './program.ts';

export const WIPCTL = 'controlplane/main.ts';

// A build of one small step takes three seconds on idle cores.
const BUILD_MS = 90_000;

/** `wipctl dev` as a person starts it, in a directory of its own, and `wipctl` beside it. */
export class DevSystem {
  readonly place: Workplace;
  readonly program: Program;

  private constructor(place: Workplace, program: Program) {
    this.place = place;
    this.program = program;
  }

  /** `port` of an earlier node lets that node's containers report to this one. */
  static async start(place: Workplace, options: ProgramOptions & { readonly port?: string } = {}): Promise<DevSystem> {
    const environment = { TMPDIR: place.directory, ...options.environment };
    const program = Program.start(WIPCTL, ['dev', '--port', options.port ?? '0'], {
      cwd: place.directory,
      ...options,
      environment,
    });
    await program.says('Ctrl-C ends it.');
    return new DevSystem(place, program);
  }

  get client(): WipClient {
    return createWipClient(this.access);
  }

  get access(): DevFile {
    return DevFile.parse(JSON.parse(readFileSync(this.place.path('.wip', 'dev.json'), 'utf8')));
  }

  /** Starts `wipctl`, which ends by itself. */
  start(...args: string[]): Program {
    return Program.start(WIPCTL, args, { cwd: this.place.directory });
  }

  wipctl(...args: string[]): Promise<ProgramEnd> {
    return this.start(...args).ended;
  }

  /** Returns the output of `--json`. */
  async json(...args: string[]): Promise<unknown> {
    const { code, out, err } = await this.wipctl(...args, '--json');
    if (code !== 0) throw new Error(`wipctl ${args.join(' ')} ended with ${code}: ${err}`);
    return JSON.parse(out) as unknown;
  }

  async build(options: Readonly<Record<string, unknown>>): Promise<TaskView> {
    const { id } = await this.client.addTask({ kind: 'BuildSteps', options });
    return this.finished(id);
  }

  async finished(id: number): Promise<TaskView> {
    return eventually(
      `the end of task ${id}`,
      async () => {
        const task = await this.client.findTask(id);
        return task.status === 'COMPLETE' ? task : undefined;
      },
      BUILD_MS,
    );
  }

  /** Queries the embedded database directly. */
  async query<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Returns every row of every table as text, as in a dump. */
  async dump(): Promise<string> {
    const tables = await this.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const rows = await this.query<{ text: string }>(`SELECT row_to_json(t)::text AS text FROM ${name} t`);
      texts.push(`${name}\n${rows.map(({ text }) => text).join('\n')}`);
    }
    return texts.join('\n');
  }

  async close(): Promise<void> {
    await this.program.close();
  }

  get databaseUrl(): string {
    const { password, dataDirectory } = z
      .object({ password: z.string(), dataDirectory: z.string() })
      .parse(JSON.parse(readFileSync(this.place.path('.wip', 'server.json'), 'utf8')));
    // The fourth line of postmaster.pid is the port (PostgreSQL, "Server files").
    const port = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[3];
    return `postgres://wip:${password}@127.0.0.1:${port}/wip`;
  }
}
