import { writeFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { drawDot } from '../../statetable/draw-dot.ts';
import type { DrawnStep } from '../../statetable/drawing.ts';
import type { StateTable } from '../../statetable/table.ts';
import type { CliContext } from '../cli-context.ts';
import { readTranscriptFile } from './read-transcript-file.ts';
import { oneLine } from '../output/text.ts';
import { commandOnTable } from './table-source.ts';
import { simulateScript } from './simulate-command.ts';

interface DrawCommandOptions {
  readonly output?: string;
  readonly script?: string;
  readonly recording?: string;
}

export function drawCommand(context: CliContext): Command {
  return commandOnTable<DrawCommandOptions>(
    context,
    {
      name: 'draw',
      description:
        'Draw a state table: as a picture (SVG) into a file that ends in .svg, else as DOT text for Graphviz.',
      examples: [
        'table draw BuildSteps -o build-steps.svg',
        'table draw my.table > my.dot',
        'transcript 7 --json > 7.json; wipctl table draw BuildSteps --recording 7.json -o 7.svg',
      ],
    },
    async ({ table }, options) => {
      const drawing = await draw(table, recordingOf(table, options, context), options.output);
      if (options.output === undefined) context.out.write(drawing);
      else writeDrawing(resolve(context.cwd, options.output), drawing);
    },
  )
    .option('-o, --output <file>', 'write it to a file; the ending .svg or .dot says what')
    .option('--recording <file>', 'highlight the way of "wipctl transcript TASK --json", with counts and times')
    .option('--script <file>', 'highlight the way that these answers take (see "wipctl table simulate --help")');
}

function recordingOf(table: StateTable, options: DrawCommandOptions, context: CliContext): readonly DrawnStep[] {
  if (options.recording !== undefined) return readTranscriptFile(table, resolve(context.cwd, options.recording));
  if (options.script === undefined) return [];
  const { recording, seconds, outcome, state } = simulateScript(table, options.script, context);
  if (outcome !== 'finished') {
    const why = outcome === 'no-answer' ? `it has no answer for the state ${state}` : 'it does not end';
    context.err.write(`The script leads only part of the way: ${oneLine(why)}.\n`);
  }
  return recording.map((step, index) => {
    const leftAt = recording[index + 1]?.atSeconds ?? seconds;
    return { ...step, seconds: leftAt - step.atSeconds };
  });
}

async function draw(table: StateTable, recording: readonly DrawnStep[], output: string | undefined): Promise<string> {
  const ending = output === undefined ? '' : extname(output).toLowerCase();
  if (!['', '.dot', '.gv', '.svg'].includes(ending)) {
    throw new OperationalError('USAGE', {
      happened: `"${output}" would have to be a picture of the kind ${ending}`,
      remedy: 'Give a file that ends in .svg (a picture) or .dot (text for Graphviz, which makes other kinds)',
    });
  }
  if (ending !== '.svg') return drawDot(table, { recording });
  // The drawing library is a megabyte of WebAssembly, so it is loaded only for a picture.
  const { drawSvg } = await import('../../statetable/draw-svg.ts');
  return drawSvg(table, { recording });
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
