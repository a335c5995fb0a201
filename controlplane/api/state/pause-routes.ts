import type { FastifyInstance } from 'fastify';
import { contract } from '../http/contract.ts';
import { z } from 'zod';
import { Name } from '../../../shared/model/identifier.ts';
import { principalOf } from '../http/access.ts';
import { parseRequest } from '../http/parse-request.ts';
import { groupUnknown } from '../groups/group-refusals.ts';
import type { GroupService } from '../groups/group-service.ts';
import type { PauseService } from './pause-service.ts';
import { PauseTypeName, PausesView } from './state-views.ts';

/** Names separated by commas, blanks around them left out: short to write, and not enough for every name. */
const Groups = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(z.array(Name).min(1))
  .optional();
/** One name as it is, whatever characters it has; given again for each further one. */
const Group = z.union([Name, z.array(Name)]).optional();
const Targets = {
  groups: Groups.describe('Names of groups, separated by commas. Without `groups` and `group`: everything.'),
  group: Group.describe('One name with every character that it has; may be given again.'),
};
const PauseQuery = z.strictObject({
  ...Targets,
  type: PauseTypeName.default('soft').describe('soft: nothing new starts. hard: started tasks do not go on, either.'),
});
const ResumeQuery = z.strictObject(Targets);

/** Returns every group that is named; undefined: all of them are meant. */
function namesOf({ groups, group }: z.output<typeof ResumeQuery>): readonly string[] | undefined {
  if (groups === undefined && group === undefined) return undefined;
  return [...new Set([...(groups ?? []), ...[group ?? []].flat()])];
}

export interface PauseRouteServices {
  readonly pauses: PauseService;
  readonly groups: GroupService;
}

/** Steps under way are finished. After that the pause holds on every node, and across restarts. */
export function pauseRoutes(app: FastifyInstance, { pauses, groups: known }: PauseRouteServices): void {
  app.put(
    '/v1/tasks/pause',
    contract({ summary: 'Pauses everything or some groups', query: PauseQuery, answers: { 200: PausesView } }),
    async (request): Promise<PausesView> => {
      const { type, ...targets } = parseRequest(PauseQuery, request.query, 'query');
      const groups = namesOf(targets);
      await requireGroups(known, groups);
      await pauses.pauseAll(groups ?? 'all', type, principalOf(request).name);
      return pauses.readPauses();
    },
  );
  app.delete(
    '/v1/tasks/pause',
    contract({
      summary: 'Ends the pause of everything or of some groups',
      query: ResumeQuery,
      answers: { 200: PausesView },
    }),
    async (request): Promise<PausesView> => {
      const groups = namesOf(parseRequest(ResumeQuery, request.query, 'query'));
      await requireGroups(known, groups);
      await pauses.resumeAll(groups ?? 'all', principalOf(request).name);
      return pauses.readPauses();
    },
  );
}

/** Throws GROUP_UNKNOWN before anything is changed: a misspelt group must not look as if it were paused. */
async function requireGroups(groups: GroupService, names: readonly string[] | undefined): Promise<void> {
  if (!names) return;
  const known = new Set((await groups.listGroups()).map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw groupUnknown(unknown);
}
