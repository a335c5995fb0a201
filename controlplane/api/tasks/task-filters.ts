import { z } from 'zod';
import { CommitStart } from '../../../shared/model/commit-name.ts';
import { Fault } from '../../../shared/model/fault.ts';
import { ClientJobId, Name } from '../../../shared/model/identifier.ts';
import { TaskId, TaskUuid } from '../../../shared/model/ids.ts';
import { wholeNumber } from '../../../shared/model/whole-number.ts';
import { ExitStatusName, PriorityName, TaskStatusName } from './task-views.ts';
import { Timestamp } from '../../../shared/model/timestamp.ts';

/** Some of these names, separated by commas. */
function listOf<Names extends Readonly<Record<string, string>>>(name: z.ZodEnum<Names>) {
  const one = `(${name.options.join('|')})`;
  return z
    .string()
    .meta({ pattern: `^${one}(,${one})*$` }) // for the document alone: the problem names the one that is wrong
    .transform((text) => text.split(','))
    .pipe(z.array(name).min(1));
}

const At = Timestamp.transform((text) => new Date(text));
const Text = z.string().trim().min(1).max(256);

/** A page has 50 tasks, a screen or two, and at most 200. */
const Page = {
  cursor: TaskId.optional().describe('`nextCursor` of the page before; without it, the newest.'),
  limit: wholeNumber(1, 200).prefault(50).describe('Tasks of the page.'),
};
export const PageQuery = z.strictObject(Page);
/** Which tasks: `status=WAITING,PROCESSING&group=BuildSteps&repository=…`; of the list and of the stream of the list. */
const FILTERS = {
  status: listOf(TaskStatusName).optional().describe('Any of these statuses, separated by commas.'),
  exit: listOf(ExitStatusName).optional().describe('Any of these ends, separated by commas.'),
  group: Name.optional().describe('Name of the group.'),
  cause: Name.optional().describe('One word for why they ended, such as `limit-disk`.'),
  fault: Fault.optional().describe('Whose doing the end was.'),
  priority: PriorityName.optional().describe('The priority that they were added with.'),
  parent: TaskId.optional().describe('Number of the task that added them.'),
  uuid: TaskUuid.optional().describe('UUID of the task.'),
  client_job_id: ClientJobId.optional().describe('The `clientJobId` or `Idempotency-Key` that they were added with.'),
  submitter: Text.optional().describe('Name of the token that added them.'),
  repository: z.string().trim().min(1).max(4_096).optional().describe('Address of the repository that they build.'),
  branch: Text.optional().describe('Branch that they build.'),
  commit: CommitStart.optional().describe('Commit that they build, or its first digits: four at least.'),
  since: At.optional().describe('Added at this instant or later; ISO 8601 with offset.'),
  until: At.optional().describe('Added before this instant; ISO 8601 with offset.'),
  q: Text.optional().describe('Part of the title or the repository, or the number of a task.'),
  paused: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .describe('Whether the task itself is paused.'),
};
export const ListFilters = z.strictObject(FILTERS);
export const ListQuery = z.strictObject({ ...Page, ...FILTERS });
