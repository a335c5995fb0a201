import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { formatSeconds } from '../../shared/model/units.ts';
import { drawStateTable } from '../statetable/draw-table.ts';
import { formatFinding } from '../statetable/lint-finding.ts';
import { lintTable } from '../statetable/lint-table.ts';
import { transcriptOf } from '../statetable/recording.ts';
import { simulateMany, type RandomReport } from '../statetable/simulate-random.ts';
import { scriptedMethods, simulate, type Simulation } from '../statetable/simulate.ts';
import { parseSimulationScript } from '../statetable/simulation-script.ts';
import { formatProblem, StateTableError } from '../statetable/table-error.ts';
import type { StateTable } from '../statetable/table.ts';
import type { CliWorld } from './cli-world.ts';
import { writeJson } from './command.ts';
import { EXIT_CODE } from './exit-code.ts';
import { lintOptionsOf } from './task-methods.ts';
import { readTable, readTextFile, type TableSource } from './table-source.ts';

/** A run that has taken so many steps does not end: the longest table we ship ends within about a hundred. */
const MAX_STEPS = 10_000;
const WHAT = 'a file with a state table, or the name of a kind of task such as BuildSteps';

export function tableCommand(world: CliWorld): Command {
  return new Command('table')
    .description('Check, try and draw state tables, without a control plane.')
    .addHelpText(
      'after',
      exampleText('table lint my.table', 'table simulate my.table --runs 10000', 'table draw BuildSteps | dot -Tsvg'),
    )
    .addCommand(lintCommand(world))
    .addCommand(simulateCommand(world))
    .addCommand(drawCommand(world));
}

function exampleText(...examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  $ wipctl ${example}\n`).join('')}`;
}

/** Every mistake of a table that cannot be read is shown, not only the first; undefined then. */
function readOrExplain(given: string, world: CliWorld): TableSource | undefined {
  try {
    return readTable(given, world.cwd);
  } catch (error) {
    if (!(error instanceof StateTableError)) throw error;
    world.err.write(`${error.problems.map((problem) => `${given}: ${formatProblem(problem)}\n`).join('\n')}`);
    world.setExitCode(EXIT_CODE.BUILD_FAILED);
    return undefined;
  }
}

interface LintCommandOptions {
  readonly json?: boolean;
  readonly maxRunSeconds?: string;
  readonly notes?: boolean;
}

function lintCommand(world: CliWorld): Command {
  return new Command('lint')
    .description('Find what will go wrong in a state table; exits with 1 when there are errors.')
    .argument('<file|kind>', WHAT)
    .option('--max-run-seconds <number>', 'how long a task may run, to compare waits with')
    .option('--notes', 'print notes, too: what is no fault but worth a thought')
    .option('--json', 'print JSON for programs')
    .addHelpText('after', exampleText('table lint my.table', 'table lint BuildSteps --json'))
    .action((given: string, options: LintCommandOptions) => {
      const source = readOrExplain(given, world);
      if (!source) return;
      const maxRunSeconds = options.maxRunSeconds === undefined ? undefined : wholeNumber(options.maxRunSeconds);
      const report = lintTable(source.table, {
        ...(source.wip && lintOptionsOf(source.wip)),
        ...(maxRunSeconds !== undefined && { maxRunSeconds }),
      });
      if (report.hasErrors) world.setExitCode(EXIT_CODE.BUILD_FAILED);
      if (options.json) return writeJson(world, report);
      const shown = report.findings.filter(({ severity }) => options.notes || severity !== 'note');
      for (const finding of shown) world.out.write(`${given}: ${formatFinding(finding)}\n`);
      if (shown.length === 0) world.out.write(`${given}: nothing to find fault with.\n`);
      const notes = report.findings.length - shown.length;
      if (notes > 0)
        world.err.write(`${notes === 1 ? 'There is one note' : `There are ${notes} notes`}: see with --notes.\n`);
    });
}

interface SimulateOptions {
  readonly json?: boolean;
  readonly script?: string;
  readonly runs: string;
  readonly seed: string;
}

function simulateCommand(world: CliWorld): Command {
  return new Command('simulate')
    .description('Walk through a state table in virtual time: by a script, or many times by chance.')
    .argument('<file|kind>', WHAT)
    .option('--script <file>', "answers by state, such as: fetch { 'wait' 'success' }")
    .option('--runs <number>', 'how many runs by chance', '1000')
    .option('--seed <number>', 'the same seed gives the same runs', '1')
    .option('--json', 'print JSON for programs')
    .addHelpText(
      'after',
      exampleText('table simulate my.table --runs 10000 --seed 7', 'table simulate my.table --script answers.txt'),
    )
    .action((given: string, options: SimulateOptions) => {
      const source = readOrExplain(given, world);
      if (!source) return;
      if (options.script !== undefined) {
        const simulation = simulateScript(source.table, options.script, world);
        return options.json ? writeJson(world, simulation) : world.out.write(simulationText(simulation));
      }
      const report = simulateMany(source.table, {
        runs: wholeNumber(options.runs),
        seed: wholeNumber(options.seed),
        maxSteps: MAX_STEPS,
      });
      if (options.json) writeJson(world, report);
      else world.out.write(reportText(report));
    });
}

interface DrawCommandOptions {
  readonly output?: string;
  readonly script?: string;
}

function drawCommand(world: CliWorld): Command {
  return new Command('draw')
    .description('Draw a state table as DOT text, which Graphviz turns into a picture.')
    .argument('<file|kind>', WHAT)
    .option('-o, --output <file>', 'write it to a file')
    .option('--script <file>', 'highlight the path that these answers take (see "wipctl table simulate")')
    .addHelpText(
      'after',
      exampleText('table draw BuildSteps | dot -Tsvg > build-steps.svg', 'table draw my.table -o my.dot'),
    )
    .action((given: string, options: DrawCommandOptions) => {
      const source = readOrExplain(given, world);
      if (!source) return;
      const recording =
        options.script === undefined ? undefined : simulateScript(source.table, options.script, world).recording;
      const drawing = drawStateTable(source.table, recording ? { recording } : {});
      if (options.output === undefined) world.out.write(drawing.endsWith('\n') ? drawing : `${drawing}\n`);
      else writeDrawing(resolve(world.cwd, options.output), drawing);
    });
}

function writeDrawing(path: string, drawing: string): void {
  try {
    writeFileSync(path, drawing);
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `${path} cannot be written: ${messageOf(cause)}`,
      remedy: 'Choose another file with --output',
      cause,
    });
  }
}

function simulateScript(table: StateTable, file: string, world: CliWorld): Simulation {
  const script = parseSimulationScript(readTextFile(resolve(world.cwd, file)));
  return simulate(table, scriptedMethods(script), { maxSteps: MAX_STEPS });
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

function reportText(report: RandomReport): string {
  const share = (count: number): string => `${((100 * count) / report.runs).toFixed(1)} %`;
  const { min, median, p95, max } = report.seconds;
  const lines = [
    `${report.runs} runs by chance with the seed ${report.seed}`,
    ...Object.entries(report.ends).map(([end, count]) => `  ${share(count).padStart(7)}  ${end}`),
    `Virtual time: at least ${formatSeconds(min)}, half of the runs within ${formatSeconds(median)}, 95 % within ${formatSeconds(p95)}, at most ${formatSeconds(max)}`,
    ...Object.entries(report.secondsByTimer).map(
      ([timer, seconds]) => `  ${formatSeconds(seconds / report.runs)} a run on the timer ${timer}`,
    ),
    `Rows taken: ${report.rowCount - report.rowsNeverTaken.length} of ${report.rowCount}`,
    ...report.rowsNeverTaken.map((row) => `  never: ${row}`),
    ...report.statesNeverVisited.map((state) => `  never entered: ${state}`),
  ];
  return `${lines.join('\n')}\n`;
}

function wholeNumber(text: string): number {
  const parsed = z.coerce.number().int().min(1).max(10_000_000).safeParse(text);
  if (parsed.success) return parsed.data;
  throw new OperationalError('USAGE', {
    happened: `"${text}" is not a whole number from 1 to 10000000`,
    remedy: 'Correct the option',
  });
}
