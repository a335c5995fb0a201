import { z } from 'zod';
import { ClientJobId, Name } from '../../../../shared/model/identifier.ts';
import type { Priority } from '../../../../shared/model/status.ts';
import { PriorityName } from '../task-views.ts';

export const SubmitSchema = z.strictObject({
  kind: Name.describe('Name of the kind, such as `BuildSteps`.'),
  options: z.record(z.string(), z.unknown()).describe('Options of the kind.'),
  title: z.string().min(1).max(256).optional().describe('For people; default: what the kind makes of its options.'),
  group: Name.optional().describe(
    'Default: the group of the kind. Roles below operator may only name a group that exists.',
  ),
  priority: PriorityName.optional().describe(
    'Default: the priority of the kind. Roles below operator may not give an earlier one.',
  ),
  clientJobId: ClientJobId.optional().describe(
    'Name of this order by its sender: the same order under the same name adds one task.',
  ),
});
/** The body of POST /v1/tasks, as programs write it. */
export interface SubmitBody {
  readonly kind: string;
  readonly options: Record<string, unknown>;
  readonly title?: string;
  readonly group?: string;
  readonly priority?: Priority;
  readonly clientJobId?: string;
}
