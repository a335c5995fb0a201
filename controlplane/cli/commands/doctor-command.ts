import type { Command } from 'commander';
import type { DoctorAnswer } from '../../api/doctor/doctor-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { checkLines } from '../output/check-lines.ts';
import { oneLine, paintFor } from '../output/text.ts';

export function doctorCommand(context: CliContext): Command {
  return clientCommand(
    'doctor',
    'Check everything that a node depends on. Exits with 1 when a check fails; warnings exit with 0.',
    ['doctor', `doctor --json | jq '.checks[] | select(.outcome != "ok")'`],
  ).action(async (options: ClientOptions) => {
    const answer = await connectOperator(options, context).examine();
    if (options.json) writeJson(context, answer);
    else context.out.write(textOf(answer, context));
    if (answer.checks.some(({ outcome }) => outcome === 'failed')) context.setExitCode(EXIT_CODE.CHECK_FAILED);
  });
}

function textOf({ node, version, checks }: DoctorAnswer, context: CliContext): string {
  const paint = paintFor(context.out, context.environment);
  return `Node ${oneLine(node)}, version ${oneLine(version)}\n${checkLines(checks, paint).join('')}`;
}
