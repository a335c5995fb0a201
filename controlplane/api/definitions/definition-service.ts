import { OperationalError } from '../../../shared/model/error.ts';
import { findRevision, listRevisions, type ListedRevision } from '../../store/clusters/definition-revisions.ts';
import type { Db } from '../../store/schema.ts';
import type { DefinitionDetailView, DefinitionDiffAnswer, DefinitionView } from './definition-views.ts';
import { diffDefinitions } from './diff-definitions.ts';

/** The task definitions that this installation registered. */
export interface DefinitionService {
  /** Returns the newest first. */
  listDefinitions(by: { readonly family?: string | undefined }): Promise<readonly DefinitionView[]>;
  /** Both throw DEFINITION_UNKNOWN. */
  readDefinition(id: number): Promise<DefinitionDetailView>;
  diffDefinitions(ids: { readonly before: number; readonly after: number }): Promise<DefinitionDiffAnswer>;
}

export function createDefinitionService(db: Db): DefinitionService {
  async function read(id: number): Promise<DefinitionDetailView> {
    const row = await findRevision(db, id);
    const listed = row && (await listRevisions(db, { family: row.family })).find((each) => each.id === id);
    if (!row || !listed) throw unknown(id);
    return { ...viewOf(listed), definition: row.definition };
  }
  return {
    listDefinitions: async (by) => (await listRevisions(db, by)).map(viewOf),
    readDefinition: read,
    diffDefinitions: async (ids) => {
      const [before, after] = await Promise.all([read(ids.before), read(ids.after)]);
      const differences = diffDefinitions(before.definition, after.definition);
      return { before: withoutDefinition(before), after: withoutDefinition(after), differences };
    },
  };
}

function viewOf(row: ListedRevision): DefinitionView {
  const { id, family, revision, arn, region, cluster, taskIds } = row;
  const state = row.deregisteredAt !== null ? 'deregistered' : row.retiredAt === null ? 'active' : 'retired';
  const times = { registeredAt: row.registeredAt.toISOString(), usedAt: row.usedAt.toISOString() };
  const tasks = [...new Set(taskIds)];
  return { id, family, revision, arn, region, cluster, state, ...times, containers: taskIds.length, tasks };
}

function withoutDefinition({ definition: _definition, ...view }: DefinitionDetailView): DefinitionView {
  return view;
}

function unknown(id: number): OperationalError {
  return new OperationalError('DEFINITION_UNKNOWN', {
    happened: `There is no task definition ${id}`,
    remedy: 'See which there are with "wipctl definitions list"',
  });
}
