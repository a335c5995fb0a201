import { resolve } from 'node:path';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { jsonOrUndefined } from '../../../shared/text/json-or-undefined.ts';
import type { WipClass } from '../../tasks/wip-class.ts';
import { SHIPPED_KINDS } from '../../tasks/kinds.ts';
import type { CliContext } from '../cli-context.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { importPart } from '../import-part.ts';
import { loadKinds } from '../kinds/load-kinds.ts';
import { isModulePath } from './load-task-class.ts';
import { readGivenFile } from './table-source.ts';

const LONGEST_RUN_SECONDS = 30 * 86_400;

/**
 * Replays the recording of a task in virtual time, with the methods of its class, and prints the path. Sets the exit code of a
 * failed build when the class now takes another path or ends differently.
 */
export async function replayRecording(given: string, file: string, context: CliContext): Promise<void> {
  const wip = await findKind(given, context.cwd);
  const recording = jsonOrUndefined(readGivenFile(resolve(context.cwd, file)));
  // The test kit is loaded for a replay only: no node and no other command needs it.
  const { scriptFromTranscript, simulateScript, RunAssertionError } = await importPart('test kit', loadTestKit);
  try {
    const run = await simulateScript(wip, scriptFromTranscript(recording));
    context.out.write(`${run.explain()}\nThe class goes the way of the recording.\n`);
  } catch (error) {
    if (!(error instanceof RunAssertionError)) throw asUsage(error, file);
    context.out.write(`${error.message}\n`);
    context.setExitCode(EXIT_CODE.BUILD_FAILED);
  }
}

async function loadTestKit() {
  const { scriptFromTranscript } = await import('../../../test/testkit/script-from-transcript.ts');
  const { simulateScript } = await import('../../../test/testkit/simulate-task.ts');
  const { RunAssertionError } = await import('../../../test/testkit/assertions.ts');
  return { scriptFromTranscript, simulateScript, RunAssertionError };
}

async function findKind(given: string, cwd: string): Promise<WipClass> {
  const shipped = SHIPPED_KINDS.find(({ kind }) => kind === given);
  if (shipped) return shipped;
  if (!isModulePath(given)) {
    throw new OperationalError('USAGE', {
      happened: `${given} is a table without a class, and a recording is replayed with the methods of one`,
      remedy: 'Name a kind such as BuildSteps, or the module with what defineWip made',
    });
  }
  const [path = '', wanted] = given.split('#', 2);
  const kinds = await loadKinds([path], { cwd, maxRunSeconds: LONGEST_RUN_SECONDS });
  const kind = wanted === undefined ? kinds[0] : kinds.find((one) => one.kind === wanted);
  if (kind && (wanted !== undefined || kinds.length === 1)) return kind;
  throw new OperationalError('USAGE', {
    happened: `${path} defines the kinds ${kinds.map((one) => one.kind).join(', ')}`,
    remedy: `Name one of them: ${path}#${kinds[0]?.kind ?? 'Kind'}`,
  });
}

function asUsage(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error.name !== 'TestkitError') return error;
  return new OperationalError('USAGE', {
    happened: `${file} cannot be replayed: ${messageOf(error)}`,
    remedy: 'Write it again with "wipctl transcript TASK --json"',
    cause: error,
  });
}
