import { OVERDUE } from '../../tasks/basic-wip.ts';
import type { ExitDetail } from '../../tasks/context.ts';
import { bagOf, linkContext, NO_CONTEXTS, ownerOf, saveBag, type Contexts } from '../../statetable/contexts.ts';
import { finalExit, withExit } from '../../statetable/final-exit.ts';
import { UNSTARTED, type Exit, type Position } from '../../statetable/position.ts';
import type { RecordedStep } from '../../statetable/recording.ts';
import { nextWaitReason, type WaitDetail, type WaitReason } from '../../containers/wait-reason.ts';
import { timerOf, type StateTable } from '../../statetable/table.ts';
import { singleLine } from '../../../shared/model/single-line.ts';
import type { NewRequest } from '../../store/outbox/requests.ts';
import type { NewLog, RecordedRow, SavedStep } from '../../store/tasks/save-step.ts';
import type { TaskRow } from '../../store/schema.ts';
import type { EngineNotes } from '../../store/schema/task-tables.ts';
import { removeUnstorable } from '../remove-unstorable.ts';
import { endCauseOfExit, exitOfRow } from './stored-exit.ts';

const MEMORY = Symbol('memory');
const MAX_CHARACTERS = 1_000_000;

/**
 * A task while a node steps it: as loaded, changed by its methods, written back whole at each save. Changes take
 * effect for others only at the save.
 */
export class TaskDraft {
  position: Position;
  contexts: Contexts;
  memory: Record<string, unknown>;
  timers: Record<string, number>;
  exit: ExitDetail;
  notes: EngineNotes;
  /** The reason given by the methods of this step, in case it ends in a wait. */
  wait: { readonly clause: string; readonly detail: WaitDetail | null } | null = null;
  /** When the present step began, by the database's clock and by this node's. */
  stepBegan: { readonly at: Date; readonly monotonicMs: number } | null = null;
  /** Set when the task continues under another version of its class. */
  classVersion: string | null = null;
  readonly logs: NewLog[] = [];
  readonly steps: (Omit<RecordedRow, 'agoMs'> & { readonly beganMs: number })[] = [];
  readonly consumed: number[] = [];
  /** Requests to outside services that report the next saved change of status. */
  readonly requests: NewRequest[] = [];

  /** The memory and the states' bags that methods have opened since the last check for unstorable values. */
  readonly #opened = new Set<string | typeof MEMORY>();
  /** The reason of the last wait. */
  #waitReason: WaitReason | null;

  constructor(row: TaskRow) {
    this.#waitReason = row.waitReason;
    this.position = row.position ?? UNSTARTED;
    const { bags, links, engine } = row.contexts;
    this.contexts = { bags: bags ?? NO_CONTEXTS.bags, links: links ?? NO_CONTEXTS.links };
    const { brokenBy: _brokenBy, ...notes } = engine ?? {};
    this.notes = notes;
    this.memory = row.memory;
    this.timers = row.timers;
    this.exit = exitOfRow(row);
    if (this.position.entry < row.entry) this.position = { ...this.position, entry: row.entry };
  }

  /** Returns the reason of a wait as it is saved: as one clause, and with its details. */
  toWait(now: Date): { readonly waitsFor: string | null; readonly waitReason: WaitReason | null } {
    this.#waitReason = this.wait && nextWaitReason(this.#waitReason, this.wait, now);
    return { waitsFor: this.wait?.clause ?? null, waitReason: this.#waitReason };
  }

  log(level: number, message: string, isUserReadable: boolean): void {
    this.logs.push({ level, message: bounded(message), isUserReadable });
  }

  /** Returns the memory for a method to write into. */
  openMemory(): Record<string, unknown> {
    this.#opened.add(MEMORY);
    return this.memory;
  }

  /** Returns the bag of a state for a method to write into. */
  openBag(state: string): Record<string, unknown> {
    const owner = ownerOf(this.contexts, state);
    if (!Object.hasOwn(this.contexts.bags, owner)) this.contexts = saveBag(this.contexts, owner, {});
    this.#opened.add(owner);
    return bagOf(this.contexts, owner) as Record<string, unknown>;
  }

  /** Returns the bag of a state for reading. A bag that does not exist yet is not created. */
  readBag(state: string): Record<string, unknown> {
    return bagOf(this.contexts, state);
  }

  /** Makes two states share the bag of `owner`. Returns the former bag of `state`, which is no longer saved; null when nothing changed. */
  linkContext(state: string, owner: string): Record<string, unknown> | null {
    const { contexts } = this;
    const [from, to] = [bagOf(contexts, state), bagOf(contexts, owner)];
    const linked = linkContext(contexts, state, owner);
    if (linked === contexts) return null;
    // A method may hold a reference to this bag already, so the object stays the same.
    const joined = Object.assign(to, bagOf(linked, owner));
    this.contexts = saveBag(linked, owner, joined);
    return from;
  }

  /** As removeUnstorable, in memory and all bags. */
  removeAllUnstorable(): string[] {
    this.#opened.add(MEMORY);
    for (const state of Object.keys(this.contexts.bags)) this.#opened.add(state);
    return this.removeUnstorable();
  }

  /**
   * Removes unstorable values from the memory and bags that were opened since the last call, and returns a sentence for each of
   * them that had any.
   */
  removeUnstorable(): string[] {
    if (this.#opened.size === 0) return [];
    const sentences = [...this.#opened].flatMap((opened) => {
      const clauses = removeUnstorable(opened === MEMORY ? this.memory : this.openBag(opened));
      const subject = opened === MEMORY ? 'The memory of the task' : `The bag of "${opened}"`;
      return clauses.length === 0 ? [] : [`${subject} cannot be saved: ${clauses.join('; ')}.`];
    });
    this.#opened.clear();
    return sentences;
  }

  /** Adds the time since the last call to the timer of the current state. */
  addTime(table: StateTable, now: Date): void {
    const { timedUntil } = this.notes;
    const timer = timerOf(table, this.position.state);
    const elapsedMs = timedUntil === undefined ? 0 : now.getTime() - Date.parse(timedUntil);
    // Steps of a chain begin at the same time, so there is no time to add.
    if (elapsedMs === 0 && timedUntil !== undefined && Object.hasOwn(this.timers, timer)) return;
    this.timers = { ...this.timers, [timer]: (this.timers[timer] ?? 0) + Math.max(0, elapsedMs / 1000) };
    this.notes = { ...this.notes, timedUntil: now.toISOString() };
  }

  /** `beganMs` is the time of this node's clock at which the step began. */
  record(step: RecordedStep, table: StateTable, { beganMs, tookMs }: { beganMs: number; tookMs: number }): void {
    const again = this.notes.wentOn ? 'went on' : 'took over';
    const notes = [this.notes.tookOver ? again : '', step.way === 'error' ? 'an error' : ''].filter(
      (text) => text !== '',
    );
    this.steps.push({
      entry: this.position.entry,
      fromState: step.from,
      value: step.value,
      state: step.to,
      executed: step.executed,
      timer: timerOf(table, step.to),
      beganMs,
      tookMs: Math.round(tookMs),
      waitSeconds: step.waitSeconds,
      note: notes.length === 0 ? null : notes.join(', '),
    });
    const { tookOver: _tookOver, wentOn: _wentOn, interruptions: _interruptions, ...rest } = this.notes;
    this.notes = rest;
  }

  /** Applies the exit that the state table sets on the way into a state. */
  applyExit(exit: Exit | null): void {
    const given = this.#unlessOverdue(exit);
    if (given) this.exit = { ...this.exit, ...withExit(this.exit, given) };
  }

  finish(exit: Exit | null): void {
    this.exit = { ...this.exit, ...finalExit(this.exit, this.#unlessOverdue(exit)) };
  }

  /**
   * Returns `exit`, for an overdue task that of a system failure: it takes the way of a terminated task, but no one
   * asked for its end.
   */
  #unlessOverdue(exit: Exit | null): Exit | null {
    return exit?.status === 'TERMINATED' && this.exit.cause === OVERDUE ? null : exit;
  }

  /** Returns every column that may have changed, for saveStep. `nowMs` is the time of this node's clock. */
  toSave(nowMs: number): Omit<SavedStep, 'next'> {
    const { status, detail, cause } = this.exit;
    const message = bounded(singleLine(this.exit.message));
    return {
      state: this.position.state,
      entry: this.position.entry,
      position: this.position,
      contexts: { ...this.contexts, engine: this.notes },
      memory: this.memory,
      ...(this.classVersion !== null && { classVersion: this.classVersion }),
      timers: this.timers,
      exitStatus: status,
      exitMessage: message === '' ? null : message,
      exitDetail: detail === undefined ? null : bounded(detail),
      cause: cause ?? null,
      endCause: endCauseOfExit(this.exit),
      steps: this.steps.map(({ beganMs, ...step }) => ({ ...step, agoMs: Math.round(nowMs - beganMs) })),
      logs: this.logs,
      consumed: this.consumed,
      requests: this.requests,
    };
  }

  /** Called after a save, so that saved changes are not written again. */
  saved(): void {
    this.logs.length = 0;
    this.steps.length = 0;
    this.consumed.length = 0;
    this.requests.length = 0;
  }
}

/** Cuts a text to a megabyte: no page can show more, and a task may log endlessly. */
function bounded(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  const left = text.length - MAX_CHARACTERS;
  return `${text.slice(0, MAX_CHARACTERS)}… (${left} more characters were left out)`;
}
