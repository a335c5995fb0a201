import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import type { CliContext } from '../cli-context.ts';
import { exitCodeOfSignal } from '../exit-code.ts';
import type { LocalRepository } from '../repository/find-repository.ts';
import { oneLine } from '../output/text.ts';
import { runAgentsBuildTool } from './run-agents-build-tool.ts';

const NAMES = ['acquia-pipelines.yaml', 'acquia-pipelines.yml'] as const;
const MAX_PROBLEMS_IN_MESSAGE = 10;

/** What `wip-agent build lint --json` prints. */
const Report = z.object({
  isValid: z.boolean(),
  problems: z.array(z.object({ line: z.number(), column: z.number(), message: z.string() })),
  warnings: z.array(z.string()).default([]),
});
type Report = z.infer<typeof Report>;

/** `unknown`: the build tool does not run here; the build in the container will report mistakes. `interrupted`: the exit code is set. */
export type CheckOutcome = 'valid' | 'unknown' | 'interrupted';

/**
 * Checks the build file of a commit with the agent's build tool, so that no container is launched for a file with mistakes.
 * What may be a mistake is printed as a warning. Throws BUILD_FILE_INVALID and BUILD_FILE_MISSING.
 */
export async function checkCommittedFile(
  { git, directory, name }: LocalRepository,
  commit: string,
  context: CliContext,
): Promise<CheckOutcome> {
  const listed = git(directory, ['ls-tree', '--full-tree', commit, '--', ...NAMES]);
  if (listed.exitCode !== 0) return 'unknown';
  const entries = listed.stdout.split('\n').map((line) => /^(\d+) blob \S+\t(.+)$/.exec(line));
  const fileName = NAMES.find((wanted) => entries.some((entry) => entry?.[2] === wanted));
  if (!fileName) throw missing(name, commit);
  // A symbolic link is not checked: its target may be anywhere in the repository.
  const isFile = entries.some((entry) => entry?.[2] === fileName && entry[1]?.startsWith('100'));
  const content = git(directory, ['cat-file', 'blob', `${commit}:${fileName}`]);
  if (!isFile || content.exitCode !== 0) return 'unknown';
  const report = await lint(fileName, `${content.stdout}\n`, context);
  if (report === 'interrupted' || report === 'unknown') return report;
  if (!report.isValid) throw invalid(fileName, `${name}@${commit}`, report);
  for (const warning of report.warnings) context.err.write(`wipctl: warning: ${oneLine(warning)}\n`);
  return 'valid';
}

async function lint(fileName: string, text: string, context: CliContext): Promise<Report | 'unknown' | 'interrupted'> {
  const directory = mkdtempSync(join(tmpdir(), 'wipctl-lint-'));
  try {
    const path = join(directory, fileName);
    writeFileSync(path, text);
    let printed = '';
    const out = { write: (piece: string | Uint8Array) => void (printed += Buffer.from(piece as string).toString()) };
    const silent = { drained: async () => undefined, isTerminal: false, columns: undefined };
    const { stoppedBy } = await runAgentsBuildTool(
      { ...context, out: { ...silent, ...out }, err: { ...silent, write: () => undefined } },
      ['lint', '--json', '--', path],
    );
    if (stoppedBy !== null) {
      context.setExitCode(exitCodeOfSignal(stoppedBy));
      return 'interrupted';
    }
    return parseReport(printed) ?? 'unknown';
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function parseReport(printed: string): Report | undefined {
  try {
    return Report.parse(JSON.parse(printed));
  } catch {
    return undefined; // The tool could not be run, which is not a mistake in the file.
  }
}

function invalid(fileName: string, where: string, { problems }: Report): OperationalError {
  const listed = problems
    .slice(0, MAX_PROBLEMS_IN_MESSAGE)
    .map(({ line, column, message }) => `${fileName}:${line}:${column}: ${oneLine(message)}`);
  const rest = problems.length - listed.length;
  return new OperationalError('BUILD_FILE_INVALID', {
    happened: `The build file of ${oneLine(where)} is not valid: ${listed.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`,
    remedy: 'Correct it and commit, or let a container try it with --no-lint',
  });
}

function missing(name: string, commit: string): OperationalError {
  return new OperationalError('BUILD_FILE_MISSING', {
    happened: `There is no ${NAMES.join(' or ')} in the root of ${oneLine(name)}@${commit}`,
    remedy: 'Add one and commit it, or name another branch with --branch',
  });
}
