import type { BuildFile, BuildStep } from '../../../shared/protocol/build-export.ts';
import { escapeControls, excerptOf, quoted } from '../../../shared/text/quote.ts';
import { askBash } from '../step/ask-bash.ts';
import { findIncomplete } from '../step/complete-commands.ts';
import { locateCommand, standingCommand } from '../step/step-script.ts';

/** What bash says of a command that it only reads. */
interface Complaint {
  /** Of the command, from 1 on. */
  readonly line: number;
  readonly what: string;
}

// Each costs a bash. Whoever has mended these sees the next ones.
const MAX_COMPLAINTS = 20;
// Reading takes milliseconds (chosen, for machines that are busy).
const READ_LIMIT_MS = 10_000;

/**
 * Returns a warning for each command that bash cannot read to its end, so that an open quote is found before a container is
 * started for it. A warning, because an alias or another bash may give such a command a meaning. Without bash there is none.
 */
export async function lintCommands(file: BuildFile, fileName: string, programPath: string): Promise<string[]> {
  const commands = Object.values(file.events).flatMap(({ steps }) =>
    steps.flatMap((step) => step.script.map((command, index) => ({ step, index, text: standingCommand(command) }))),
  );
  const texts = commands.map(({ text }) => text);
  const incomplete = [...(await findIncomplete(texts, programPath))].sort((a, b) => a - b);
  const warnings: string[] = [];
  for (const at of incomplete.slice(0, MAX_COMPLAINTS)) {
    const { step, index, text } = commands[at]!;
    const complaint = await askWhy(text, programPath);
    if (complaint) {
      const line = lineInFile(step, index, complaint.line);
      const command = `a command of the step ${quoted(step.name)}`;
      warnings.push(`${escapeControls(fileName)}:${line}:1: bash cannot read ${command}: ${complaint.what}`);
    }
  }
  return warnings;
}

/** Of a text whose lines YAML has joined, and of a line behind its end, the line in which it begins. */
function lineInFile(step: BuildStep, index: number, line: number): number {
  const whole = locateCommand(step, index);
  const count = standingCommand(whole.text).split('\n').length;
  return whole.lastLine - whole.line + 1 === count && line <= count ? whole.line + line - 1 : whole.line;
}

/** With extglob, which a step may have switched on before. After `set -n` nothing runs. */
const READ = String.raw`IFS= read -r -d '' command; shopt -s extglob; eval $'set -n\n'"$command"`;
/** The line with `set -n` comes before the command. */
const LINES_BEFORE = 1;

async function askWhy(command: string, programPath: string): Promise<Complaint | null> {
  const answer = await askBash({ script: READ, texts: [command], programPath, limitMs: READ_LIMIT_MS });
  return answer && parseComplaint(answer.stderr);
}

/** `bash: eval: line 3: syntax error …`, and `bash: line 4: warning: here-document at line 3 delimited by …`. */
function parseComplaint(said: string): Complaint | null {
  const [, opened, end] = /here-document at line (\d+) delimited by end-of-file \(wanted `(.*)'\)$/m.exec(said) ?? [];
  if (opened !== undefined) {
    const what = `the here-document that begins here has no line that is only ${quoted(end ?? '')}`;
    return { line: Number(opened) - LINES_BEFORE, what };
  }
  const [, line, what = ''] = /^bash: (?:eval: )?line (\d+): (.*)$/m.exec(said) ?? [];
  return line === undefined ? null : { line: Number(line) - LINES_BEFORE, what: excerptOf(what) };
}
