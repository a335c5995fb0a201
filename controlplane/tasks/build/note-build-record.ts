import { singleLine } from '../../../shared/model/single-line.ts';
import { readBuildRecord, type BuildRecord } from '../../../shared/protocol/build-record.ts';
import type { ToldGitFailure } from '../../../shared/protocol/git-failure.ts';
import { buildMemory, buildPath, type NotedStep } from './build-memory.ts';
import type { WipContext } from '../context.ts';

// A list that people can read; the record of a build file with more steps is in the container only.
const MOST_STEPS = 200;
const NAME_CHARACTERS = 200;
// The tool keeps to 200 of a command; the record lies where the build can write.
const COMMAND_CHARACTERS = 200;
const SENTENCE_CHARACTERS = 600;
// The tool keeps a message about git to 4,000 characters of each of its two sentences.
const MESSAGE_CHARACTERS = 8_100;

/**
 * Reads what the build tool recorded of its steps into the task's memory, once the build has ended, and returns why git
 * could not push the artefact. A custom build tool records nothing, and a container that is gone cannot be asked: nothing is noted then.
 */
export async function noteBuildRecord(context: WipContext): Promise<ToldGitFailure | null> {
  const text = await context.agent.readFile(buildPath(context, 'record'));
  const record = text.kind === 'ok' ? readBuildRecord(text.value) : null;
  if (record) buildMemory(context).steps = notedSteps(record);
  // A tool that was killed could not write the record anew, so what stands there may be from a step.
  const failure = record?.outcome === 'failed' ? record.pushFailure : null;
  return failure && { ...failure, message: failure.message.slice(0, MESSAGE_CHARACTERS) };
}

function notedSteps({ steps }: BuildRecord): NotedStep[] {
  return steps.slice(-MOST_STEPS).map(({ failure, ...step }) => ({
    event: step.event,
    name: step.name.slice(0, NAME_CHARACTERS),
    line: failure?.line ?? step.line,
    command: failure?.command.slice(0, COMMAND_CHARACTERS) ?? null,
    sentence: failure ? singleLine(failure.sentence).slice(0, SENTENCE_CHARACTERS) : null,
    startedAt: step.startedAt,
    endedAt: step.endedAt,
    exitCode: step.exitCode,
    offset: step.outputStart.stdout,
  }));
}
