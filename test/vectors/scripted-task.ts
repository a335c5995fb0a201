import { bagOf, linkContext, NO_CONTEXTS, saveBag, type Contexts } from '../../controlplane/statetable/contexts.ts';
import type { TaskExit } from '../../controlplane/statetable/final-exit.ts';
import { clearTransitionCount, UNSTARTED, type Position } from '../../controlplane/statetable/position.ts';
import type { StateTable } from '../../controlplane/statetable/table.ts';
import type { ExitStatus } from '../../shared/model/status.ts';

export interface Action {
  readonly value?: unknown;
  readonly exitCode?: number;
  readonly exitMessage?: string;
  readonly clear?: readonly [string, string];
  readonly terminate?: boolean;
  readonly link?: string;
  readonly put?: Readonly<Record<string, unknown>>;
  readonly get?: string;
  readonly throw?: string;
}
type Entry = string | null | Action;
export type Script = Readonly<Record<string, readonly Entry[]>>;
export type TraceEvent = Record<string, unknown>;

/** Numbers that the recorded engine uses. */
const STATUS_OF: readonly ExitStatus[] = ['NOT_FINISHED', 'TERMINATED', 'WARNING', 'ERROR_SYSTEM', 'ERROR_USER'];
const TERMINATED_MESSAGE = 'The request to terminate has been processed.';

/** The task of the vectors. Its methods follow a script and record their calls. */
export class ScriptedTask {
  position: Position = UNSTARTED;
  contexts: Contexts = NO_CONTEXTS;
  exit: TaskExit = { status: 'NOT_FINISHED', message: '' };
  terminateRequested = false;
  events: TraceEvent[] = [];
  private readonly table: StateTable;
  private readonly answers: Script;
  private readonly states: Script;
  private readonly calls = new Map<string, number>();

  constructor(table: StateTable, scripts: { answers?: Script | undefined; states?: Script | undefined }) {
    this.table = table;
    this.answers = scripts.answers ?? {};
    this.states = scripts.states ?? {};
  }

  /** Calls the transition method. Throws if the script does. */
  ask(state: string, method: string): unknown {
    const event: TraceEvent = { t: 'transition', state, method };
    this.events.push(event);
    const entries = this.answers[state] ?? [];
    const entry = entries[Math.min(this.nextCall(`ask ${state}`), entries.length - 1)] ?? '';
    event['value'] = typeof entry === 'string' ? entry : 'value' in entry ? entry.value : '';
    if (typeof entry !== 'string') this.act(state, entry, event);
    return event['value'];
  }

  /** Calls the state's method. Throws if the script does. */
  enter(state: string): void {
    const event: TraceEvent = { t: 'state', name: state, exec: true };
    this.events.push(event);
    const entry = this.states[state]?.[this.nextCall(`enter ${state}`)];
    if (entry && typeof entry !== 'string') this.act(state, entry, event);
    if (state === 'failure') {
      const { status, message } = this.exit;
      this.exit = {
        status: status === 'NOT_FINISHED' ? 'ERROR_SYSTEM' : status,
        message: message === '' ? 'Failed to complete the task.' : message,
      };
    }
    if (state === 'terminate') this.exit = { status: 'TERMINATED', message: TERMINATED_MESSAGE };
  }

  private nextCall(key: string): number {
    const call = this.calls.get(key) ?? 0;
    this.calls.set(key, call + 1);
    return call;
  }

  private act(state: string, action: Action, event: TraceEvent): void {
    try {
      this.setExit(action);
      if (action.clear) {
        const { position, cleared } = clearTransitionCount(this.position, this.table, ...action.clear);
        this.position = position;
        this.events.push({ t: 'clear', args: action.clear, result: cleared });
      }
      if (action.terminate) this.terminateRequested = true;
      if (action.link !== undefined) this.contexts = linkContext(this.contexts, state, action.link);
      if (action.put) {
        this.contexts = saveBag(this.contexts, state, { ...bagOf(this.contexts, state), ...action.put });
      }
      if (action.get !== undefined) {
        const value = bagOf(this.contexts, state)[action.get] ?? null;
        this.events.push({ t: 'context', key: action.get, value });
      }
      if (action.throw !== undefined) throw new Error(action.throw);
    } catch (error) {
      delete event['value'];
      event['throws'] = (error as Error).message;
      throw error;
    }
  }

  private setExit(action: Action): void {
    if (action.exitCode !== undefined) {
      const status = STATUS_OF[action.exitCode];
      if (!status) throw new Error(`Exit code ${action.exitCode} is not a valid value.`);
      this.exit = { ...this.exit, status };
    }
    if (action.exitMessage !== undefined) this.exit = { ...this.exit, message: action.exitMessage };
  }
}
