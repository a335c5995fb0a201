//  begin ──▶ ask ──answered──▶ enter ──entered──▶ wait ──(time or signal)──▶ begin
//    │        │ method-threw     │ state-threw      └ at finish ▶ complete
//    │        ▼                  ▼
//    │      the `!` row of the state being left, else `failure`  ──▶ enter
//    └─ terminate requested ─▶ enter `terminate`, else `failure`, else complete
//
// A row with exec=false goes straight from the answer to `wait`. An error while going along `!` leads to `failure`;
// an error in `failure` or in leaving it, and any error without a `failure` block ▶ complete.
import { assertNever } from '../../shared/model/assert-never.ts';
import { countTransition, describeCause, transitionCount, type TableFailure, type Entering } from './position.ts';
import type { Exit, Position, Way } from './position.ts';
import type { RecordedStep } from './recording.ts';
import type { Decision, Instruction, StepEvent } from './step.ts';
import { ANY_VALUE, EMPTY_TRANSITION, ERROR_VALUE, FAILURE, FINISH, TERMINATE } from './table.ts';
import { findBlock, findRow, rowFor, type StateTable, type Transition } from './table.ts';

const TERMINATE_VALUE = 'terminateRequested';
// A `failure` state with no row for its own answer is run again: tables in use rely on it. Without a bound it would
// spin for as long as the task may run. A hundred runs are far more than a method needs that changes its answer.
const MAX_FAILURE_LOOPS = 100;
const TERMINATED_MESSAGE = 'The request to terminate has been processed.';

/**
 * Decides what follows from `event`. It reads no clock, calls no method and never waits: equal values give equal
 * answers.
 */
export function decideStep(table: StateTable, position: Position, event: StepEvent): Decision {
  if (position.completed) return decided(position, { kind: 'complete', exit: position.completed.exit });
  switch (event.kind) {
    case 'begin':
      return begin(table, position, event);
    case 'answered': {
      if (!position.asking) throw new Error('an answer came, but no transition method was asked');
      if (typeof event.value === 'string') return follow(table, position, event.value);
      const method = findBlock(table, position.state!)?.transitionMethod;
      const message = `The transition method "${method}" of state "${position.state}" returned ${event.value === null ? 'null' : typeof event.value} instead of a string.`;
      return fail(table, position, ERROR_VALUE, causeOf('not-a-string', position.state!, message));
    }
    case 'method-threw':
      if (!position.asking) throw new Error('a transition method threw, but none was asked');
      return fail(table, position, ERROR_VALUE, causeOf('transition-method-threw', position.state!, event.message));
    case 'entered':
      return finishEntering(position, enteringOf(position));
    case 'state-threw':
      return failEntering(table, position, enteringOf(position), event.message);
    default:
      return assertNever(event);
  }
}

function decided(position: Position, instruction: Instruction, notes: Partial<Decision> = {}): Decision {
  return { recorded: null, logLine: null, error: null, ...notes, position, instruction };
}

function causeOf(
  kind: TableFailure['kind'],
  state: string,
  message: string,
  earlier: TableFailure | null = null,
): TableFailure {
  return { kind, state, message, earlier };
}

function enteringOf(position: Position): Entering {
  if (!position.entering) throw new Error('a state reported back, but none was being entered');
  return position.entering;
}

function begin(table: StateTable, position: Position, event: StepEvent & { kind: 'begin' }): Decision {
  const { state, entering } = position;
  if (entering) return decided(position, enterInstruction(position, entering));
  if (event.terminateRequested && !position.terminateHonoured) return terminate(table, position);
  if (state === null) return start(table, position);
  const method = findBlock(table, state)?.transitionMethod ?? EMPTY_TRANSITION;
  const asking = { ...position, asking: { wake: event.wake } };
  return method === EMPTY_TRANSITION ? follow(table, asking, '') : decided(asking, { kind: 'ask', state, method });
}

function start(table: StateTable, position: Position): Decision {
  if (table.startState !== null) return enter(position, { state: table.startState, way: 'start' });
  return completeFailed(position, causeOf('no-row', '', 'The state table has no state to start in.'));
}

function terminate(table: StateTable, before: Position): Decision {
  const position = { ...before, terminateHonoured: true };
  if (position.state === null) return enter(position, { state: TERMINATE, way: 'terminate-unstarted' });
  const target = findBlock(table, TERMINATE) ? TERMINATE : FAILURE;
  if (!findBlock(table, target)) return complete(position, { status: 'TERMINATED', message: TERMINATED_MESSAGE });
  const request = { from: position.state, value: TERMINATE_VALUE, rowValue: TERMINATE_VALUE };
  return enter(position, { state: target, way: 'terminate', ...request });
}

/** Decides what follows from the answer `value` of the current state. */
function follow(table: StateTable, position: Position, value: string): Decision {
  const state = position.state!;
  const block = findBlock(table, state);
  const row = rowFor(block, value);
  if (row) {
    if (isStillWaiting(position, row)) return decided({ ...position, asking: null }, { kind: 'keep-waiting' });
    return take(table, position, row, { value, cause: null });
  }
  if (value === ERROR_VALUE) return takeBuiltIn(table, position, { value, cause: null });
  const message = block
    ? `Transition from state "${state}" with value "${value}" not found.`
    : `There is no transition block for state "${state}".`;
  return fail(table, position, value, causeOf('no-row', state, message));
}

/** Returns whether an early step changes nothing: the state gave the same answer again before its wait was over. */
function isStillWaiting(position: Position, row: Transition): boolean {
  const { state, asking, waitingRow } = position;
  if (asking?.wake !== 'early' || row.exec || row.target !== state) return false;
  return waitingRow?.state === state && waitingRow.value === row.value;
}

/** Takes `row`. The recording gets `value`, the answer that began the step, whichever row the step ends with. */
interface RowAnswer {
  readonly value: string;
  readonly cause: TableFailure | null;
}

function take(table: StateTable, position: Position, row: Transition, answer: RowAnswer): Decision {
  const from = position.state!;
  if (row.max !== 0 && transitionCount(position, from, row.value) >= row.max) {
    const message = `Maximum transitions exceeded: the row "${row.value}" of state "${from}" was taken ${row.max} times (max=${row.max}).`;
    const cause = causeOf('max-exceeded', from, message, answer.cause);
    return row.value === ERROR_VALUE
      ? failForGood(table, position, from, answer.value, cause)
      : fail(table, position, answer.value, cause);
  }
  const counted = countTransition(position, from, row.value);
  const way: Way = row.value === ERROR_VALUE ? 'error' : 'row';
  const { target: state, waitSeconds, value: rowValue } = row;
  const entering: Entering = { state, way, from, value: answer.value, rowValue, waitSeconds, cause: answer.cause };
  if (row.exec) return enter(counted, entering);
  return arrive({ ...counted, waitingRow: { state: from, value: rowValue } }, entering, { executed: false });
}

/**
 * Decides where a first error leads: along the `!` row of the state being left, else along the built-in `! failure`.
 */
function fail(table: StateTable, position: Position, value: string, cause: TableFailure): Decision {
  const row = findRow(findBlock(table, position.state!), ERROR_VALUE);
  if (row) return { ...take(table, position, row, { value, cause }), error: cause };
  return takeBuiltIn(table, position, { value, cause });
}

/** Takes the built-in row `! failure`. Without a cause, the method itself answered `!`. */
function takeBuiltIn(table: StateTable, position: Position, answer: RowAnswer): Decision {
  const from = position.state!;
  const { value, cause } = answer;
  if (from === FAILURE && cause && !mayLoop(position, cause)) return completeFailed(position, cause);
  if (!findBlock(table, FAILURE)) {
    const message = `State "${from}" answered "!" and the table has no block "failure".`;
    return completeFailed(position, cause ?? causeOf('no-row', from, message));
  }
  const failureLoops = from === FAILURE && cause ? position.failureLoops + 1 : position.failureLoops;
  const counted = { ...position, builtInCount: position.builtInCount + 1, failureLoops };
  const entered = enter(counted, { state: FAILURE, way: 'error', from, value, rowValue: ERROR_VALUE, cause });
  return { ...entered, error: cause };
}

/**
 * Decides what an error in leaving `failure` leads to: the end of the task, or, for an answer without a row, another
 * run of `failure` up to the bound.
 */
function mayLoop(position: Position, cause: TableFailure): boolean {
  return cause.kind === 'no-row' && position.failureLoops < MAX_FAILURE_LOOPS;
}

/**
 * Enters `failure` for an error that follows an error or arose in the start state: no state is left whose `!` row could
 * count.
 */
function failForGood(
  table: StateTable,
  position: Position,
  from: string | null,
  value: string | null,
  cause: TableFailure,
): Decision {
  if (from === FAILURE || !findBlock(table, FAILURE)) return completeFailed(position, cause);
  const rowValue = from === null ? null : ERROR_VALUE;
  return { ...enter(position, { state: FAILURE, way: 'error', from, value, rowValue, cause }), error: cause };
}

function failEntering(table: StateTable, position: Position, entering: Entering, message: string): Decision {
  const cause = causeOf('state-threw', entering.state, message, entering.cause);
  const left = { ...position, entering: null };
  if (entering.way === 'terminate-unstarted') return { ...completeUnstarted(left, entering), error: cause };
  if (entering.state === FAILURE) return completeFailed(left, cause);
  if (entering.from === null || entering.way === 'error') {
    return failForGood(table, left, entering.from, entering.value, cause);
  }
  return fail(table, left, entering.value!, cause);
}

function enter(position: Position, to: Partial<Entering> & Pick<Entering, 'state' | 'way'>): Decision {
  const nothing = { from: null, value: null, rowValue: null, waitSeconds: 0, cause: null };
  const entering: Entering = { ...nothing, ...to };
  const entered = { ...position, entry: position.entry + 1, entering, asking: null, waitingRow: null };
  return decided(entered, enterInstruction(entered, entering));
}

function enterInstruction(position: Position, entering: Entering): Instruction {
  const { state, cause, way } = entering;
  // Without a terminate block, `failure` handles the request. Its cause names the request and not a failure.
  const isStandIn = way === 'terminate' && state === FAILURE;
  const exit: Exit | null = isStandIn ? { status: 'TERMINATED', message: TERMINATED_MESSAGE } : null;
  return { kind: 'enter', state, entry: position.entry, cause, exit };
}

function finishEntering(position: Position, entering: Entering): Decision {
  const left = { ...position, entering: null };
  return entering.way === 'terminate-unstarted'
    ? completeUnstarted(left, entering)
    : arrive(left, entering, { executed: true });
}

/** Enters `terminate` for a task that was in no state yet. The run is counted, because the recording shows it. */
function completeUnstarted(position: Position, entering: Entering): Decision {
  const { from, value, state: to, way, waitSeconds } = entering;
  const recorded: RecordedStep = { from, value, to, way, executed: true, waitSeconds };
  return complete(position, { status: 'TERMINATED', message: TERMINATED_MESSAGE }, { recorded });
}

/** Moves the task into its new state: the state's method has run, or the row has exec=false. */
function arrive(position: Position, entering: Entering, how: { executed: boolean }): Decision {
  const { state: to, from, value, way, waitSeconds } = entering;
  const recorded: RecordedStep = { from, value, to, way, executed: how.executed, waitSeconds };
  const notes = { recorded, logLine: logLineOf(entering) };
  const failureLoops = to === FAILURE ? position.failureLoops : 0;
  const there = { ...position, state: to, asking: null, failureLoops };
  if (to === FINISH) return complete(there, null, notes);
  return decided(there, { kind: 'wait', seconds: waitSeconds }, notes);
}

function logLineOf({ from, state, value, rowValue }: Entering): string | null {
  if (from === null || from === state) return null;
  const label = rowValue === ANY_VALUE && value !== '' && value !== ANY_VALUE ? `*[${value}]` : rowValue;
  return `[${from}] -> {${label}} -> [${state}]`;
}

function completeFailed(position: Position, cause: TableFailure): Decision {
  return complete(position, { status: 'ERROR_SYSTEM', message: describeCause(cause) }, { error: cause });
}

function complete(position: Position, exit: Exit | null, notes: Partial<Decision> = {}): Decision {
  const over = { ...position, entering: null, asking: null, waitingRow: null, completed: { exit } };
  return decided(over, { kind: 'complete', exit }, notes);
}
