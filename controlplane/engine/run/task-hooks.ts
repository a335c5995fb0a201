import type { TaskStatus } from '../../../shared/model/status.ts';
import type { StepInput } from '../../store/tasks/begin-step.ts';
import { BasicWip } from '../../tasks/basic-wip.ts';
import { LOG_LEVEL } from '../../tasks/context.ts';
import type { LIFE_CYCLE_HOOKS } from '../../tasks/life-cycle-hooks.ts';
import { callInStep } from './call-in-step.ts';
import type { OpenStep } from './step-context.ts';
import type { Run } from './task-run.ts';

type Hook = (typeof LIFE_CYCLE_HOOKS)[number];

/** Calls the hooks of a step that has just begun: what has happened to the task since its last step. */
export async function callBeginHooks(run: Run, step: OpenStep, input: StepInput): Promise<void> {
  const { position } = run.draft;
  if (position.state === null && !position.entering)
    await callHook(run, step, position.entry === 0 ? 'onAdd' : 'onRestart');
  await callStatusHook(run, step, 'PROCESSING');
  await callSignalHook(run, step, input);
}

export async function callWaitHooks(run: Run, step: OpenStep): Promise<void> {
  await callHook(run, step, 'onWait');
  await callStatusHook(run, step, 'WAITING');
}

export async function callEndHooks(run: Run, step: OpenStep): Promise<void> {
  if (run.draft.exit.status.startsWith('ERROR_')) await callHook(run, step, 'onFail');
  await callStatusHook(run, step, 'COMPLETE');
  await callHook(run, step, 'onFinish');
  await cleanUp(run, step);
}

/** Calls the last hook. It cannot change the task's end, because the other hooks have already seen it. */
async function cleanUp(run: Run, step: OpenStep): Promise<void> {
  const { draft } = run;
  const { exit } = draft;
  await callHook(run, step, 'cleanUp');
  if (draft.exit === exit) return;
  draft.exit = exit;
  draft.log(
    LOG_LEVEL.WARN,
    'The hook cleanUp set an exit, which does not count: onFinish is the last that can.',
    false,
  );
}

/** Calls a life-cycle hook if the class overrides it. A hook decides nothing: its errors are only logged. */
export async function callHook(run: Run, step: OpenStep, hook: Hook, subject: unknown = null): Promise<void> {
  if (!isOverridden(run, hook)) return;
  const { entering, state: present } = step.draft.position;
  // Before its first state a task has the bag of the state that it starts with.
  const state = entering?.state ?? present ?? run.table.startState ?? '';
  const outcome = await callInStep(run, step, { name: hook, state, cause: subject });
  if (outcome.kind === 'returned') return;
  const why = outcome.kind === 'threw' ? outcome.message : 'it did not end in time';
  step.draft.log(LOG_LEVEL.WARN, `The hook ${hook} failed: ${why}`, false);
}

/**
 * Checks whether the property exists without reading it, because it may be a getter, which is code of the class and must run only
 * when the hook is called.
 */
function isOverridden({ wip }: Pick<Run, 'wip'>, hook: Hook): boolean {
  return Object.hasOwn(wip, hook) || hooksOf(Object.getPrototypeOf(wip) as object).has(hook);
}

// A cache, because it is used several times in each step.
const hooks = new WeakMap<object, ReadonlySet<string>>();

/** Returns the members of a class and its parents below BasicWip. */
function hooksOf(prototype: object): ReadonlySet<string> {
  const known = hooks.get(prototype);
  if (known) return known;
  const members = new Set<string>();
  for (
    let at: object | null = prototype;
    at && at !== BasicWip.prototype;
    at = Object.getPrototypeOf(at) as object | null
  )
    for (const name of Object.getOwnPropertyNames(at)) members.add(name);
  hooks.set(prototype, members);
  return members;
}

/**
 * Calls onStatusChange if the status has changed since its last call. The last status is kept in the notes, so a takeover or a
 * yield to other tasks does not count as a change.
 */
async function callStatusHook(run: Run, step: OpenStep, status: TaskStatus): Promise<void> {
  const { draft } = run;
  if (!isOverridden(run, 'onStatusChange') || draft.notes.hookStatus === status) return;
  draft.notes = { ...draft.notes, hookStatus: status };
  await callHook(run, step, 'onStatusChange', status);
}

/** Calls onSignal once for each signal of the inbox. The notes keep the ids of handled signals as long as they are in the inbox. */
async function callSignalHook(run: Run, step: OpenStep, { inbox }: StepInput): Promise<void> {
  const { draft } = run;
  if (!isOverridden(run, 'onSignal')) return;
  const told = new Set(draft.notes.hookSignals ?? []);
  for (const { id, body } of inbox) if (!told.has(id)) await callHook(run, step, 'onSignal', body);
  draft.notes = { ...draft.notes, hookSignals: inbox.map(({ id }) => id) };
}
