import { findBlock, FINISH, type StateTable } from '../../controlplane/statetable/table.ts';
import { instead } from '../../shared/text/nearest-name.ts';
import type { ParsedScript } from './script.ts';
import type { SimulatedRun } from './simulated-run.ts';
import { TestkitError } from './testkit-error.ts';

/** Refuses a script that names states which the table does not have: that part could never be reached. */
export function checkScript(script: ParsedScript, table: StateTable): void {
  const takeovers = script.takeovers === 'everywhere' ? [] : script.takeovers;
  const named: readonly (readonly [string, string | undefined])[] = [
    ['terminate.at', script.terminate?.at],
    ['pause.at', script.pause?.at],
    ...takeovers.map(({ at }, index) => [`takeovers.${index}.at`, at] as const),
    ...script.interactions.map(({ at }, index) => [`interactions.${index}.at`, at] as const),
    ['container.end.at', script.container?.end?.at],
    ...(script.containers ?? []).map(({ end }, index) => [`containers.${index}.end.at`, end?.at] as const),
  ];
  for (const [what, state] of named) {
    if (state === undefined || state === FINISH || findBlock(table, state)) continue;
    const hint = instead(
      state,
      table.states.map(({ name }) => name),
    );
    throw new TestkitError(`${what}: "${state}" can never be reached: the table has no such state${hint}`);
  }
}

/** Refuses a script whose processes, children or deliveries have names that the task does not use. */
export function checkUse(script: ParsedScript, table: StateTable, run: SimulatedRun): void {
  const started = run.processes.map(({ name, state }) => (name === state ? name : `${name} (state ${state})`));
  const known = new Set(run.processes.flatMap(({ name, state }) => [name, state]));
  const ofSignals = script.signals.flatMap(({ process }) => (process === undefined ? [] : [process]));
  for (const name of [...Object.keys(script.processes), ...ofSignals]) {
    // A state that was not reached is no mistake: the test may be about what comes before it.
    if (known.has(name) || (!script.strict && findBlock(table, name))) continue;
    const part = Object.hasOwn(script.processes, name) ? 'processes' : 'signals.process';
    const list =
      started.length === 0 ? 'The task started no process' : `Started were ${[...new Set(started)].join(', ')}`;
    throw new TestkitError(`${part}: there is no process "${name}". ${list}.\n${run.explain()}`);
  }
  checkNames(
    'children',
    Object.keys(script.children),
    run.children.map(({ name }) => name),
    run,
  );
  checkNames(
    'deliveries',
    Object.keys(script.deliveries),
    run.deliveries.map(({ name }) => name),
    run,
  );
}

function checkNames(what: string, scripted: readonly string[], met: readonly string[], run: SimulatedRun): void {
  // The task may have ended before it came to them: without any, nothing is known about their names.
  if (met.length === 0) return;
  const unknown = scripted.find((name) => !met.includes(name));
  if (unknown === undefined) return;
  const names = [...new Set(met)].join(', ');
  throw new TestkitError(`${what}: the task has none named "${unknown}". It has ${names}.\n${run.explain()}`);
}
