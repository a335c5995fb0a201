import { resolve } from 'node:path';
import type { Command } from 'commander';
import { formatSeconds } from '../../../shared/model/units.ts';
import { transcriptOf } from '../../statetable/recording.ts';
import { simulateMany, type RandomReport } from '../../statetable/simulate-many.ts';
import { exitOfAnyTask } from '../../statetable/simulate-random.ts';
import { scriptedMethods, simulate, type Simulation } from '../../statetable/simulate.ts';
import { parseSimulationScript, printSimulationScript } from '../../statetable/simulation-script.ts';
import type { StateTable } from '../../statetable/table.ts';
import { containerLeanings } from '../../tasks/container/container-leanings.ts';
import { ContainerWip } from '../../tasks/container/container-wip.ts';
import { lintOptionsOf } from '../../tasks/checks/lint-facts.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { replayRecording } from './replay-recording.ts';
import { readTranscriptFile } from './read-transcript-file.ts';
import { indent, oneLine } from '../output/text.ts';
import { commandOnTable, parseWholeNumber, readGivenFile, type TableSource } from './table-source.ts';

/** A run with this many steps counts as endless: the longest shipped table ends within about a hundred steps. */
const MAX_STEPS = 10_000;

interface SimulateOptions {
  readonly json?: boolean;
  readonly script?: string;
  readonly recording?: string;
  readonly from?: string;
  readonly runs: number;
  readonly seed: number;
}

export function simulateCommand(context: CliContext): Command {
  return commandOnTable<SimulateOptions>(
    context,
    {
      name: 'simulate',
      description:
        'Walk through a state table in virtual time: by a script, or many times at random. Exits with 1 when random runs ' +
        'never end, or end in an error of the table itself, and prints the shortest script that leads there.',
      examples: [
        'table simulate my.table --runs 10000 --seed 7',
        'table simulate my.table --script answers.txt',
        'transcript 7 --json > 7.json; wipctl table simulate BuildSteps --from 7.json',
        'table simulate BuildSteps --recording 7.json > 7.script',
      ],
    },
    (source, options) => {
      if (options.from !== undefined) return replayRecording(source.name, options.from, context);
      if (options.recording !== undefined) writeScript(source, options.recording, context);
      else if (options.script !== undefined) walkScript(source.table, options.script, options, context);
      else walkByChance(source, options, context);
    },
  )
    .option('--script <file>', "answers by state, such as: fetch { 'wait' 'success' }")
    .option('--recording <file>', 'print the script that walks the way of "wipctl transcript TASK --json" again')
    .option(
      '--from <file>',
      'replay "wipctl transcript TASK --json" with the methods of the class; exits with 1 where it differs',
    )
    .option('--runs <number>', 'number of random runs', parseWholeNumber, 1000)
    .option('--seed <number>', 'the same seed gives the same runs', parseWholeNumber, 1)
    .option('--json', 'print JSON for programs');
}

function writeScript({ table }: TableSource, file: string, context: CliContext): void {
  context.out.write(printSimulationScript(readTranscriptFile(table, resolve(context.cwd, file))));
}

/** Walks the table once, by the script in the file. The script's `failure` and `terminate` set the same exit as in a real task. */
export function simulateScript(table: StateTable, file: string, context: CliContext): Simulation {
  const script = parseSimulationScript(readGivenFile(resolve(context.cwd, file)));
  return simulate(table, { ...scriptedMethods(script), exitAfter: exitOfAnyTask }, { maxSteps: MAX_STEPS });
}

function walkScript(table: StateTable, file: string, { json }: SimulateOptions, context: CliContext): void {
  const simulation = simulateScript(table, file, context);
  if (json) writeJson(context, simulation);
  else context.out.write(simulationText(simulation));
}

function walkByChance({ table, wip }: TableSource, options: SimulateOptions, context: CliContext): void {
  const methods = wip && lintOptionsOf(wip).task?.methods;
  const { runs, seed } = options;
  const container = wip instanceof ContainerWip ? containerLeanings(wip) : null;
  const report = simulateMany(table, {
    ...{ runs, seed, maxSteps: MAX_STEPS },
    ...(methods && { methods }),
    ...(container && { leanings: container.leanings }),
  });
  if (report.faults.length > 0) context.setExitCode(EXIT_CODE.BUILD_FAILED);
  if (options.json) writeJson(context, report);
  else context.out.write(reportText(report, container?.own ?? null));
}

function simulationText(simulation: Simulation): string {
  const { outcome, state, exit, seconds, recording } = simulation;
  const end: Record<Simulation['outcome'], string> = {
    finished: `It ended as ${exit.status}`,
    'step-limit': `It had not ended after ${MAX_STEPS} steps`,
    'time-limit': 'It had not ended in time',
    'no-answer': `The script has no answer for the state ${state}`,
  };
  const transcript = transcriptOf(recording);
  return `${transcript}${transcript === '' ? '' : '\n'}${end[outcome]}, after ${formatSeconds(seconds)} of virtual time.\n`;
}

function faultText({ what, runs, seed, script }: RandomReport['faults'][number]): string {
  const times = runs === 1 ? 'one run' : `${runs} runs`;
  const how =
    script === null ? 'no script shows it' : `the shortest script to it:\n${indent(script.trimEnd(), '    ')}`;
  return `Fault in ${times} (first with the seed ${seed}): ${what}; ${how}`;
}

/** Returns how much of the runs entered each of the author's own states, in the order of the most entered. */
function ownStatesText({ entered, runs }: RandomReport, own: ReadonlySet<string>): string[] {
  const lines = Object.entries(entered)
    .filter(([state]) => own.has(state))
    .map(([state, count]) => `  ${((100 * count) / runs).toFixed(1).padStart(5)} %  ${oneLine(state)}`);
  return ['Runs that entered its own states, which the blocks for containers lean towards:', ...lines];
}

function reportText(report: RandomReport, own: ReadonlySet<string> | null): string {
  const share = (count: number): string => `${((100 * count) / report.runs).toFixed(1)} %`;
  const { min, median, p95, max } = report.seconds;
  const taken = report.rowCount - report.rowsNeverTaken.length;
  const lines = [
    `${report.runs} random runs with the seed ${report.seed}`,
    ...Object.entries(report.ends).map(([end, count]) => `  ${share(count).padStart(7)}  ${end}`),
    `Virtual time: at least ${formatSeconds(min)}, half of the runs within ${formatSeconds(median)}, 95 % within ${formatSeconds(p95)}, at most ${formatSeconds(max)}`,
    ...Object.entries(report.secondsByTimer).map(
      ([timer, seconds]) => `  ${formatSeconds(seconds / report.runs)} a run on the timer ${timer}`,
    ),
    ...(own ? ownStatesText(report, own) : []),
    `Visits a run: ${Object.entries(report.visits)
      .map(([state, count]) => `${oneLine(state)} ${Number((count / report.runs).toPrecision(2))}`)
      .join(', ')}`,
    `Rows taken: ${taken} of ${report.rowCount}`,
    ...report.rowsNeverTaken.map((row) => `  never: ${row}`),
    ...report.statesNeverVisited.map((state) => `  never entered: ${state}`),
    ...report.faults.map(faultText),
  ];
  return `${lines.join('\n')}\n`;
}
