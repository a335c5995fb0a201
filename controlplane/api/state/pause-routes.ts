import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Name } from '../../../shared/model/identifier.ts';
import { principalOf } from '../http/access.ts';
import { parseRequest } from '../http/parse-request.ts';
import { groupUnknown, type GroupWorld } from '../groups/group-routes.ts';
import { PauseTypeName, type PausesView } from './state-views.ts';

/** Everything, or these groups only. */
export type PauseTarget = 'all' | readonly string[];

export interface PauseWorld {
  readonly readPauses: () => Promise<PausesView>;
  readonly pauseAll: (target: PauseTarget, type: PauseTypeName, by: string) => Promise<void>;
  readonly resumeAll: (target: PauseTarget, by: string) => Promise<void>;
}

const Groups = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(z.array(Name).min(1))
  .optional();
const PauseQuery = z.strictObject({ groups: Groups, type: PauseTypeName.default('soft') });
const ResumeQuery = z.strictObject({ groups: Groups });

/** Steps under way are finished; from then on the pause holds on every node, and across restarts. */
export function pauseRoutes(app: FastifyInstance, world: PauseWorld & GroupWorld): void {
  app.put('/v1/tasks/pause', async (request): Promise<PausesView> => {
    const { groups, type } = parseRequest(PauseQuery, request.query, 'query');
    await requireGroups(world, groups);
    await world.pauseAll(groups ?? 'all', type, principalOf(request).name);
    return world.readPauses();
  });
  app.delete('/v1/tasks/pause', async (request): Promise<PausesView> => {
    const { groups } = parseRequest(ResumeQuery, request.query, 'query');
    await requireGroups(world, groups);
    await world.resumeAll(groups ?? 'all', principalOf(request).name);
    return world.readPauses();
  });
}

/** A misspelt group must not look as if it were paused. Looked at before anything is changed. */
async function requireGroups(world: GroupWorld, names: readonly string[] | undefined): Promise<void> {
  if (!names) return;
  const known = new Set((await world.listGroups()).map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw groupUnknown(unknown);
}
