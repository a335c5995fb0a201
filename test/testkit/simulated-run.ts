import type { WaitReason } from '../../controlplane/containers/wait-reason.ts';
import type { LaunchOutcome } from '../../controlplane/containers/container.ts';
import type { RecordedStep } from '../../controlplane/statetable/recording.ts';
import type { Bag, ChildTask, ExitDetail, WipLogLevel } from '../../controlplane/tasks/context.ts';
import type { EffectScope } from '../../controlplane/tasks/agent-access.ts';
import type { Delivery } from '../../controlplane/tasks/outgoing-request.ts';
import type { OutgoingRequest } from '../../controlplane/tasks/outgoing-request.ts';
import type { StartProcess } from '../../shared/protocol/agent-api.ts';
import type { ProcessResult } from '../../shared/protocol/signals.ts';
import type { ContainerOverride } from '../../shared/protocol/overrides.ts';
import type { TaskScript } from './script.ts';

/** One entry of the recording. `atSeconds` counts from the start of the task. */
export interface RunStep extends RecordedStep {
  readonly atSeconds: number;
  /** Number of the entry of a state; a repetition after a crash has the same. */
  readonly entry: number;
  /** `took over`, `an error`; null: nothing to remark. */
  readonly note: string | null;
}

export interface RunLog {
  readonly level: WipLogLevel;
  readonly message: string;
  readonly userReadable: boolean;
  readonly atSeconds: number;
}

/** A process as the simulated agent ran it. It ran once, however often the task asked for it. */
export interface RunProcess {
  /** Name of its effect; `startTracked` names it after the state. */
  readonly name: string;
  /** The state that started it. */
  readonly state: string;
  readonly body: StartProcess;
  readonly startedAtSeconds: number;
  /** Null while it runs, and when its container ended under it. */
  readonly result: ProcessResult | null;
}

export interface RunFile {
  readonly path: string;
  readonly content: string;
  readonly mode: string;
  readonly user: string | null;
  /** The state that wrote it. */
  readonly state: string;
}

/** One launched or intended container of the task. */
export interface RunContainer {
  /** Number of the attempt. */
  readonly number: number;
  /** What became of the launch. */
  readonly launch: LaunchOutcome | null;
  readonly overrides: readonly ContainerOverride[];
  /** WORKLOAD_MAX_TIME and WORKLOAD_MAX_DISK, where the task set them. */
  readonly limits: { readonly maxTimeSeconds?: number; readonly maxDiskGb?: number };
  readonly processes: readonly RunProcess[];
  readonly files: readonly RunFile[];
  /** Why it ended: `released` (its agent was asked), `stopped` (through ECS), or the cause of its script; null: it runs. */
  readonly endedBy: string | null;
  /** Reasons of the stops that the task asked ECS for. */
  readonly stops: readonly string[];
  /** Whether it does not run any more at the end of the task, by the task's own doing or not. */
  readonly isReleased: boolean;
}

/** Something the task did outside: at most once per key, whatever crashed. */
export interface RunEffect {
  readonly key: string;
  readonly name: string;
  readonly kind: 'launch' | 'process' | 'request' | 'child';
  readonly scope: EffectScope;
  /** The state in which it was intended first. */
  readonly state: string;
  /** How often the outside carried it out: 1, or 0 for one that never got there. */
  readonly times: number;
}

export interface RunDelivery {
  readonly name: string;
  readonly request: OutgoingRequest;
  /** How often it was sent. */
  readonly tries: number;
  readonly outcome: Delivery;
}

export interface RunChild extends ChildTask {
  /** The name under which the task added it. */
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A wait of the task: why, and what ended it. */
export interface RunWait {
  readonly state: string;
  readonly atSeconds: number;
  readonly seconds: number;
  /** Completes "It waits because …"; null: the task did not say. */
  readonly because: string | null;
  /** All that the task told of it: a word for programs, since when, what to do. */
  readonly reason: WaitReason | null;
}

/** Everything that is known of one simulated task after its end. */
export interface SimulatedRun {
  readonly kind: string;
  /** The task's uuid: the same one in each simulation. */
  readonly uuid: string;
  /** Whether the task ended within the limits of the simulation; else why not. */
  readonly outcome: 'ended' | 'step-limit' | 'time-limit';
  /** The states whose methods ran, in order; a state that was entered twice is there twice. */
  readonly states: readonly string[];
  /** The recording, as `wipctl transcript` shows it. */
  readonly steps: readonly RunStep[];
  /** Virtual seconds from the start to the end. */
  readonly elapsed: number;
  /** How it ended, whose fault that was, and what to do about it: the same as the record of a real task shows. */
  readonly exit: ExitDetail;
  /** The sentence that a person reads about the end. */
  readonly why: string;
  readonly logs: readonly RunLog[];
  /** The containers that were launched, in order. */
  readonly attempts: readonly RunContainer[];
  /** The last of them; null when none was launched. */
  readonly container: RunContainer | null;
  /** The processes of all containers, in the order of their starts. */
  readonly processes: readonly RunProcess[];
  readonly effects: readonly RunEffect[];
  readonly deliveries: readonly RunDelivery[];
  readonly children: readonly RunChild[];
  readonly waits: readonly RunWait[];
  /** Rows of the state table that the run took, as `state value`. */
  readonly rowsTaken: readonly string[];
  /** The memory of the task at its end. */
  readonly memory: Bag;
  /** The bag of each state at the end; linked states show the same one. */
  readonly bags: Readonly<Record<string, Bag>>;
  /** Seconds by timer. */
  readonly timers: Readonly<Record<string, number>>;
  /** Returns the script that gives this run again: data, to be kept in a file. */
  toScript(): TaskScript;
  /** Returns the state table as SVG, with the path of the run. */
  draw(): Promise<string>;
  /** Returns text for people: the path with its inputs, the end, and what was not used of the script. */
  explain(): string;
}
