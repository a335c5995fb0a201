import { formatSeconds } from '../../shared/model/units.ts';
import { findBlock, type StateTable } from '../../controlplane/statetable/table.ts';
import type { RunContainer, RunProcess, RunStep, SimulatedRun } from './simulated-run.ts';

/** Returns text for the author of a test: the path with its times, what the containers did, the end, and what was not used. */
export function explainRun(run: SimulatedRun, table: StateTable, unused: readonly string[]): string {
  const { exit, elapsed, outcome } = run;
  const end = outcome === 'ended' ? `ended as ${exit.status}` : `did not end (${outcome})`;
  return [
    `${run.kind} ${end} after ${formatSeconds(elapsed)}: ${run.why}`,
    ...(exit.detail ? [`  detail: ${firstLine(exit.detail)}`] : []),
    ...(exit.fault ? [`  fault: ${exit.fault}`] : []),
    ...(exit.remedy ? [`  remedy: ${exit.remedy}`] : []),
    'The path:',
    ...pathLines(run, table),
    ...run.attempts.flatMap(containerLines),
    ...warningLines(run),
    ...unusedLines(unused),
  ].join('\n');
}

function pathLines({ steps, waits }: SimulatedRun, table: StateTable): string[] {
  const lines: string[] = [];
  for (let index = 0; index < steps.length;) {
    const step = steps[index]!;
    const same = countSame(steps, index);
    const because = waits.findLast(({ state, atSeconds }) => state === step.to && atSeconds <= step.atSeconds)?.because;
    lines.push(
      `  ${time(step.atSeconds)}  ${stepText(step, table)}${same > 1 ? `  (${same} times)` : ''}${note(step, because)}`,
    );
    index += same;
  }
  return lines;
}

/** Returns how many steps in a row go the same way: waits in one state. */
function countSame(steps: readonly RunStep[], index: number): number {
  const { from, value, to, executed } = steps[index]!;
  let count = 1;
  if (from !== to) return count;
  for (let next = steps[index + 1]; next && isSame(next); next = steps[index + count]) count += 1;
  return count;

  function isSame(step: RunStep): boolean {
    return step.from === from && step.value === value && step.to === to && step.executed === executed;
  }
}

function stepText({ from, value, to, executed }: RunStep, table: StateTable): string {
  const target = executed ? to : `[${to}]`;
  if (from === null) return target;
  const method = findBlock(table, from)?.transitionMethod;
  const asked = method === undefined || method === 'emptyTransition' ? from : `${from}:${method}`;
  return `${asked} => '${value ?? ''}' => ${target}`;
}

function note(step: RunStep, because: string | null | undefined): string {
  const parts = [step.note, !step.executed && because ? `it waits because ${because}` : null].filter((part) => part);
  return parts.length === 0 ? '' : `  # ${parts.join('; ')}`;
}

function containerLines(container: RunContainer): string[] {
  const { number, launch, endedBy, stops, processes } = container;
  const launched = launch === null ? 'its launch was not answered' : launch.kind;
  const end = endedBy === null ? 'it still runs' : `it ended: ${endedBy}`;
  const asked = stops.length === 0 ? '' : `; stopped through ECS (${stops.join('; ')})`;
  return [`Container ${number}: ${launched}; ${end}${asked}`, ...processes.map(processLine)];
}

function processLine({ name, state, startedAtSeconds, result }: RunProcess): string {
  const who = name === state ? name : `${name} (state ${state})`;
  if (result === null) return `  ${time(startedAtSeconds)}  process ${who}: its end was not seen`;
  const how = result.reason === 'exited' ? `exit code ${result.exitCode}` : result.reason;
  return `  ${time(startedAtSeconds)}  process ${who}: ${how}`;
}

function warningLines({ logs }: SimulatedRun): string[] {
  const told = logs.filter(({ level }) => level === 'WARN' || level === 'ERROR' || level === 'ALERT');
  if (told.length === 0) return [];
  return [
    'Warnings and errors in its log:',
    ...told.map(({ atSeconds, message }) => `  ${time(atSeconds)}  ${firstLine(message)}`),
  ];
}

// More of them is a script that a program made for any task.
const MOST_UNUSED = 12;

function unusedLines(unused: readonly string[]): string[] {
  if (unused.length === 0) return [];
  const more = unused.length - MOST_UNUSED;
  return [
    'Not used of the script:',
    ...unused.slice(0, MOST_UNUSED).map((part) => `  ${part}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function time(seconds: number): string {
  return formatSeconds(seconds).padStart(10);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}
