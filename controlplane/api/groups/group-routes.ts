import type { FastifyInstance } from 'fastify';
import { contract, EMPTY } from '../http/contract.ts';
import { z } from 'zod';
import { Name } from '../../../shared/model/identifier.ts';
import { principalOf } from '../http/access.ts';
import { parseJsonBody, parseRequest } from '../http/parse-request.ts';
import { groupUnknown } from './group-refusals.ts';
import { GroupBody } from './group-body.ts';
import type { GroupService } from './group-service.ts';
import { GroupsAnswer, GroupView } from './group-views.ts';

const Path = z.strictObject({ name: Name.describe('Name of the group.') });
export function groupRoutes(app: FastifyInstance, groups: GroupService): void {
  app.get(
    '/v1/groups',
    contract({ summary: 'All groups with their limits', answers: { 200: GroupsAnswer } }),
    async (): Promise<GroupsAnswer> => ({ groups: [...(await groups.listGroups())] }),
  );
  app.get(
    '/v1/groups/:name',
    contract({ summary: 'One group', params: Path, answers: { 200: GroupView } }),
    async (request): Promise<GroupView> => {
      const { name } = parseRequest(Path, request.params, 'path');
      return findGroup(groups, name);
    },
  );
  app.put(
    '/v1/groups/:name',
    contract({
      summary: 'Sets the limits of a group, and makes it when there is none',
      params: Path,
      body: GroupBody,
      answers: { 200: GroupView },
    }),
    async (request): Promise<GroupView> => {
      const { name } = parseRequest(Path, request.params, 'path');
      const { maxRunning, retentionDays, clusters } = parseJsonBody(GroupBody, request.body);
      const change = {
        name,
        ...(maxRunning !== undefined && { maxRunning }),
        ...(retentionDays !== undefined && { retentionDays }),
        ...(clusters !== undefined && { clusters }),
      };
      await groups.setGroup(change, principalOf(request).name);
      return findGroup(groups, name);
    },
  );
  app.delete(
    '/v1/groups/:name',
    contract({ summary: 'Removes a group that has no tasks', params: Path, answers: { 204: EMPTY } }),
    async (request, reply) => {
      const { name } = parseRequest(Path, request.params, 'path');
      await groups.removeGroup(name, principalOf(request).name);
      return reply.code(204).send();
    },
  );
}

async function findGroup(groups: GroupService, name: string): Promise<GroupView> {
  const group = (await groups.listGroups()).find((one) => one.name === name);
  if (group) return group;
  throw groupUnknown(name);
}
