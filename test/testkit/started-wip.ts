import type { WipClient } from '../../controlplane/cli/client/wip-client.ts';
import type { TaskView } from '../../controlplane/api/tasks/task-views.ts';
import type { WipClass } from '../../controlplane/tasks/wip-class.ts';
import type { Priority } from '../../shared/model/status.ts';
import type { AgentScript } from './agent/agent-script.ts';
import type { Duration } from './duration.ts';
import type { LocalFault } from './system/local-faults.ts';
import type { WipSettings } from './system/wip-node.ts';

/** Settings of the nodes that startWip decides. */
export type KitSetting = 'database_url' | 'public_url' | 'node' | 'master_key' | 'master_key_file';

export interface StartWipOptions {
  /**
   * `simulated`: scripted agents in this process, thousands of them. `process`: the real agent, each as a process of
   * this machine, without isolation. Default `simulated`.
   */
  readonly agents?: 'simulated' | 'process';
  /** With agents that are processes: absolute path and arguments of the program that runs in their place, such as a shell entrypoint. */
  readonly entrypoint?: readonly string[];
  /** Kinds of task beside those that are shipped: what defineWip made, or the file of a module that exports it. */
  readonly kinds?: readonly (WipClass | string)[];
  /** What the containers and processes of all tasks do, unless a task has a script of its own. */
  readonly script?: AgentScript;
  /** Number of nodes; default 1. */
  readonly nodes?: number;
  /**
   * `here`: the nodes live in this process, and a killed one is cut from all its sockets and timers. `processes`: each
   * is `wipctl serve`, and a killed one gets SIGKILL; kinds must be files then. Default `here`.
   */
  readonly nodesRun?: 'here' | 'processes';
  /** A PostgreSQL whose user may create databases; without it an embedded one is started. */
  readonly databaseUrl?: string;
  /** How much faster time passes for nodes, agents, ECS and database, up to 100. Not with processes: their time is real. */
  readonly speed?: number;
  /** Settings of the nodes, by their names in controlplane.yml. */
  readonly settings?: Omit<WipSettings, KitSetting>;
}

/** What a test gives of the options of a class: those without a default. */
export type GivenOptions<O, Given> = unknown extends Given ? Partial<O> : Given;

export interface AddTaskOptions {
  readonly title?: string;
  readonly group?: string;
  readonly priority?: Priority;
  /** What the containers and processes of this task do. */
  readonly script?: AgentScript;
}

/** What `until` waits for: the end of the task, its entry of a state, or anything that can be seen of it. */
export type Awaited = 'end' | { readonly state: string } | ((task: TaskView) => boolean);

export interface StartedEcs {
  readonly endpoint: string;
  /** Lets the next calls, tasks or a running container fail. `times: null` lasts until `clear`. */
  inject(fault: LocalFault): Promise<void>;
  /** Ends all faults that are still to come. */
  clear(): void;
}

export interface StartedProcess {
  readonly taskId: number;
  /** The name under which the task started it; of startTracked it is that of the state. */
  readonly name: string;
  /** The state that started it. */
  readonly state: string;
}

/** A whole Wip system in a test. `await using` closes it at the end of the block. */
export interface StartedWip extends AsyncDisposable {
  /** One address for all nodes. */
  readonly url: string;
  /** A token of an administrator. */
  readonly token: string;
  readonly client: WipClient;
  readonly localEcs: StartedEcs;
  /** Names of the living nodes. */
  readonly nodes: readonly string[];
  /** The log of all nodes. It stays when `until` has failed. */
  readonly logFile: string;
  /** Processes that simulated agents have started, in order; each once, whatever crashed. */
  readonly processes: readonly StartedProcess[];
  /** How many forged signals were sent, and refused. One that is accepted fails every `until`. */
  readonly forgedSignals: number;
  addTask<O extends object, Given>(
    wip: WipClass<O, Given>,
    options: GivenOptions<O, Given>,
    more?: AddTaskOptions,
  ): Promise<TaskView>;
  /** Throws TestkitError, with what is known of the task, when it does not come to that within the time. */
  until(task: number | { readonly id: number }, what?: Awaited, within?: Duration): Promise<TaskView>;
  /** Kills a node, as if its machine were gone; the only one, unless named. */
  kill(node?: string): Promise<void>;
  /** Starts another node and returns its name. */
  startNode(): Promise<string>;
  close(): Promise<void>;
}
