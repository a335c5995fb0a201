import type { Db } from '../../../controlplane/store/schema.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { AgentScript } from '../agent/agent-script.ts';
import { untilEntered } from './watch-states.ts';
import type { WipNodes } from './wip-nodes.ts';

interface TakeOverDeps {
  readonly db: Db;
  readonly nodes: Pick<WipNodes, 'names' | 'kill' | 'start'>;
  readonly abort: AbortSignal;
}

type Takeovers = NonNullable<AgentScript['takeovers']>;

export interface RunningTakeovers {
  begin(task: TaskId, takeovers: Takeovers): void;
  /** Resolves when no node will be killed or started any more. */
  close(): Promise<void>;
}

/** Carries out the takeovers of all tasks. */
export function beginTakeovers({
  db,
  nodes,
  onError,
}: Omit<TakeOverDeps, 'abort'> & { readonly onError: (error: unknown) => void }): RunningTakeovers {
  const ends = new AbortController();
  const running: Promise<void>[] = [];
  return {
    begin(task, takeovers) {
      if (takeovers.length > 0)
        running.push(takeOver({ db, nodes, abort: ends.signal }, task, takeovers).catch(onError));
    },
    async close() {
      ends.abort();
      await Promise.all(running);
    },
  };
}

/** Kills the node that has the task, as soon as the task is in a state that the script names, and starts another one. */
async function takeOver({ db, nodes, abort }: TakeOverDeps, task: TaskId, takeovers: Takeovers): Promise<void> {
  for (const { at, times = 1 } of takeovers) {
    for (let time = 0; time < times; time += 1) {
      const met = await untilEntered(db, { task, state: at, since: new Date(0) }, abort);
      if (met === 'over') return;
      const { owner } = await db.selectFrom('task').select('owner').where('id', '=', task).executeTakeFirstOrThrow();
      const [first] = nodes.names;
      // A task that waits is nobody's: any node may be the one that would have gone on with it.
      const node = nodes.names.find((name) => name === owner) ?? first;
      if (node === undefined || abort.aborted) return;
      await nodes.kill(node);
      await nodes.start();
    }
  }
}
