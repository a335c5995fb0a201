import { parsedTable } from '../../../controlplane/statetable/parsed-table.ts';
import { FINISH } from '../../../controlplane/statetable/table.ts';
import { parseOptions, type WipClass } from '../../../controlplane/tasks/wip-class.ts';
import { NO_TASK } from '../../../controlplane/tasks/checks/no-task.ts';
import { instead } from '../../../shared/text/nearest-name.ts';
import type { AgentScript } from '../agent/agent-script.ts';
import { TestkitError } from '../testkit-error.ts';

/** Returns the states of a task with these options. A table may depend on them, and on nothing else. */
export function statesOf(kind: WipClass, options: object = {}): readonly string[] {
  const parsed = kind.options.schema.safeParse(options);
  const task = { ...NO_TASK, options: parsed.success ? parseOptions(kind, options) : NO_TASK.options };
  const table = parsedTable(kind.create(task).getStateTable());
  return [...table.states.map(({ name }) => name), FINISH];
}

/**
 * Refuses a script that names states which can never be reached. Takeovers belong to the task itself; its children run in
 * containers by the same script, so that the end of a container may be at a state of any kind.
 */
export function checkStates(script: AgentScript, own: readonly string[], all: readonly string[]): void {
  for (const [index, { at }] of (script.takeovers ?? []).entries()) checkState(`takeovers.${index}.at`, at, own);
  const states = [...own, ...all];
  checkState('container.end.at', script.container?.end?.at, states);
  for (const [index, { end }] of (script.containers ?? []).entries())
    checkState(`containers.${index}.end.at`, end?.at, states);
}

/** Refuses to wait for a state that the task does not have. */
export function checkState(what: string, state: string | undefined, states: readonly string[]): void {
  if (state === undefined || states.includes(state)) return;
  throw new TestkitError(
    `${what}: "${state}" can never be reached: no table has such a state${instead(state, states)}`,
  );
}

interface StartedFact {
  readonly taskId: number;
  readonly name: string;
  readonly state: string;
}

/** Refuses a script, at the end of its task, that names processes which were not started and are no states. */
export function checkProcessNames(
  script: AgentScript,
  started: readonly StartedFact[],
  states: readonly string[],
): void {
  const known = [...started.flatMap(({ name, state }) => [name, state]), ...states];
  const ofSignals = (script.signals ?? []).map(({ process }) => ['signals.process', process] as const);
  const named = [...Object.keys(script.processes ?? {}).map((name) => ['processes', name] as const), ...ofSignals];
  for (const [what, name] of named) {
    if (name === undefined || known.includes(name)) continue;
    const names = [...new Set(started.map((one) => one.name))];
    const list = names.length === 0 ? 'No process was started' : `Started were ${names.join(', ')}`;
    throw new TestkitError(`${what}: there is no process "${name}". ${list}`);
  }
}
