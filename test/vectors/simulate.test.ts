import { parseStateTable } from '../../controlplane/statetable/parse-table.ts';
import { transcriptOf } from '../../controlplane/statetable/recording.ts';
import { scriptedMethods, simulate, type Simulation } from '../../controlplane/statetable/simulate.ts';
import type { SimulatedStep } from '../../controlplane/statetable/simulate.ts';
import {
  parseSimulationScript,
  printSimulationScript,
  type SimulationScript,
} from '../../controlplane/statetable/simulation-script.ts';
import { StateTableError } from '../../controlplane/statetable/table-error.ts';
import { findBlock, type StateTable } from '../../controlplane/statetable/table.ts';
import { OperationalError } from '../../shared/model/error.ts';
import { countsByLine } from './counts-by-line.ts';
import { expectedLogLines, expectedRun, type ExpectedRun } from './expected-run.ts';
import { checkVectors, type Comparison, type Vector } from './vector-file.ts';

interface Asked {
  readonly state: string;
  readonly value?: unknown;
  readonly throws?: unknown;
}

interface SimulateVector extends Vector {
  readonly script: string;
  readonly ask?: readonly string[];
  readonly table?: string;
  readonly maxSteps?: number;
  readonly expect: {
    readonly scriptError?: unknown;
    readonly blocks?: readonly { readonly state: string; readonly values: readonly string[] }[];
    readonly asked?: readonly Asked[];
    readonly run?: ExpectedRun;
  };
}

/** The same limit as for the other runs. */
const MAX_STEPS = 60;

function parsed(text: string): SimulationScript | null {
  try {
    return parseSimulationScript(text);
  } catch (error) {
    if (error instanceof OperationalError) return null;
    throw error;
  }
}

function askedOf(script: SimulationScript, names: readonly string[]): Asked[] {
  const methods = scriptedMethods(script);
  return names.map((state) =>
    methods.knows(state) ? { state, value: methods.answer(state) } : { state, throws: true },
  );
}

function stepOf(
  step: SimulatedStep,
  index: number,
  table: StateTable,
  simulation: Simulation,
): Record<string, unknown> {
  const isLast = index === simulation.recording.length - 1;
  const complete = isLast && simulation.outcome === 'finished';
  const exit = complete ? simulation.exit : step.exit;
  const transition = {
    t: 'transition',
    state: step.from,
    method: findBlock(table, step.from ?? '')?.transitionMethod,
    value: step.value,
  };
  return {
    step: index,
    events: [...(step.from === null ? [] : [transition]), { t: 'state', name: step.to, exec: step.executed }],
    state: step.to,
    wait: step.waitSeconds,
    complete,
    exitStatus: exit.status,
    exitMessage: exit.message,
  };
}

/** Returns the expected step for a state that the script does not contain. */
function stoppedStep(table: StateTable, step: number, state: string): Record<string, unknown> {
  const method = findBlock(table, state)?.transitionMethod;
  const throws = `Cannot get the next transition for unknown state ${state}.`;
  return { step, events: [{ t: 'transition', state, method, throws }], state, throws: true };
}

function runOf(table: StateTable, script: SimulationScript, maxSteps: number): Record<string, unknown> {
  const simulation = simulate(table, scriptedMethods(script), { maxSteps });
  const { recording, outcome, position, exit, state } = simulation;
  const steps = recording.map((step, index) => stepOf(step, index, table, simulation));
  if (outcome === 'no-answer') steps.push(stoppedStep(table, steps.length, state!));
  return {
    outcome: { finished: 'finished', 'no-answer': 'threw', 'step-limit': 'maxSteps', 'time-limit': 'maxSteps' }[
      outcome
    ],
    steps,
    final: {
      state,
      exitStatus: exit.status,
      exitMessage: exit.message,
      transitionCounts: countsByLine(table, position),
      transcript: transcriptOf(recording),
      transitionCount: recording.filter((step) => step.from !== null).length,
    },
    logLines: recording.flatMap((step) => step.logLine ?? []).map((line) => line.replaceAll(' ', '')),
    simulationScript: printSimulationScript(recording),
  };
}

function throwsOnly<T extends { readonly throws?: unknown }>(entries: readonly T[]): unknown[] {
  return entries.map((entry) => (entry.throws === undefined ? entry : { ...entry, throws: true }));
}

function expectedOf({ expect }: SimulateVector): unknown {
  if (expect.scriptError !== undefined) return 'refused as a script';
  const { run } = expect;
  return {
    blocks: expect.blocks,
    asked: expect.asked && throwsOnly(expect.asked),
    run: run && {
      ...expectedRun({ ...run, steps: throwsOnly(run.steps) as typeof run.steps }),
      logLines: expectedLogLines(run),
      simulationScript: run.final.simulationScript,
    },
  };
}

/** Returns the run, or a note that there is none: the recorded engine ran the table and our parser refuses it. */
function runOrRefusal(vector: SimulateVector, script: SimulationScript): unknown {
  if (vector.table === undefined) return undefined;
  try {
    return runOf(parseStateTable(vector.table), script, vector.maxSteps ?? MAX_STEPS);
  } catch (error) {
    if (error instanceof StateTableError) return 'refused as a table';
    throw error;
  }
}

function oursOf(vector: SimulateVector): unknown {
  const script = parsed(vector.script);
  if (!script) return 'refused as a script';
  return {
    blocks: [...script].map(([state, values]) => ({ state, values })),
    asked: vector.ask && askedOf(script, vector.ask),
    run: runOrRefusal(vector, script),
  };
}

function compare(vector: SimulateVector): Comparison {
  return { ours: oursOf(vector), expected: expectedOf(vector) };
}

checkVectors('simulate', compare);
