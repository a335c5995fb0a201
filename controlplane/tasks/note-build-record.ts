import { readBuildRecord, type BuildRecord } from '../../shared/protocol/build-record.ts';
import { buildMemory, buildPath, type NotedStep } from './build-memory.ts';
import type { WipContext } from './context.ts';

// A list that people can read; the record of a build file with more steps is in the container only.
const MOST_STEPS = 200;
const NAME_CHARACTERS = 200;
// The tool keeps to 200 of a command; the record lies where the build can write.
const COMMAND_CHARACTERS = 200;
const SENTENCE_CHARACTERS = 600;
const CONTROL_CHARACTERS = /\p{Cc}+/gu;

/**
 * Reads what the build tool recorded of its steps into the task's memory, once the build has ended. A custom build tool
 * records nothing, and a container that is gone cannot be asked: nothing is noted then.
 */
export async function noteBuildRecord(context: WipContext): Promise<void> {
  const text = await context.agent.readFile(buildPath(context, 'record'));
  const record = text.kind === 'ok' ? readBuildRecord(text.value) : null;
  if (record) buildMemory(context).steps = notedSteps(record);
}

function notedSteps({ steps }: BuildRecord): NotedStep[] {
  return steps.slice(-MOST_STEPS).map(({ failure, ...step }) => ({
    event: step.event,
    name: step.name.slice(0, NAME_CHARACTERS),
    line: failure?.line ?? step.line,
    command: failure?.command.slice(0, COMMAND_CHARACTERS) ?? null,
    sentence: failure?.sentence.replaceAll(CONTROL_CHARACTERS, ' ').slice(0, SENTENCE_CHARACTERS) ?? null,
    startedAt: step.startedAt,
    endedAt: step.endedAt,
    exitCode: step.exitCode,
    offset: step.outputStart.stdout,
  }));
}
