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
const Page = { cursor: TaskId.optional(), limit: wholeNumber(1, 200).prefault(50) };
export const PageQuery = z.strictObject(Page);
/** Which tasks: `status=WAITING,PROCESSING&group=BuildSteps&repository=…`; of the list and of the stream of the list. */
const FILTERS = {
  status: listOf(TaskStatusName).optional(),
  exit: listOf(ExitStatusName).optional(),
  group: Name.optional(),
  cause: Name.optional(),
  fault: Fault.optional(),
  priority: PriorityName.optional(),
  parent: TaskId.optional(),
  uuid: TaskUuid.optional(),
  client_job_id: ClientJobId.optional(),
  submitter: Text.optional(),
  repository: z.string().trim().min(1).max(4_096).optional(),
  branch: Text.optional(),
  commit: CommitStart.optional(),
  since: At.optional(),
  until: At.optional(),
  q: Text.optional(),
  paused: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
};
export const ListFilters = z.strictObject(FILTERS);
export const ListQuery = z.strictObject({ ...Page, ...FILTERS });
