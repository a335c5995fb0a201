import { OperationalError } from '../../../shared/model/error.ts';
import type { DefinitionService } from '../../../controlplane/api/definitions/definition-service.ts';
import type { DefinitionDetailView } from '../../../controlplane/api/definitions/definition-views.ts';
import { diffDefinitions } from '../../../controlplane/api/definitions/diff-definitions.ts';

/** The service of task definitions in memory. Tests put rows into it, the newest first. */
export interface MemoryDefinitions extends DefinitionService {
  readonly rows: DefinitionDetailView[];
}

export function createMemoryDefinitions(): MemoryDefinitions {
  const rows: DefinitionDetailView[] = [];
  const readDefinition = async (id: number): Promise<DefinitionDetailView> => {
    const found = rows.find((row) => row.id === id);
    if (found) return found;
    throw new OperationalError('DEFINITION_UNKNOWN', {
      happened: `There is no task definition ${id}`,
      remedy: 'See them',
    });
  };
  return {
    rows,
    readDefinition,
    listDefinitions: async ({ family }) => rows.filter((row) => family === undefined || row.family === family),
    diffDefinitions: async (ids) => {
      const [before, after] = [await readDefinition(ids.before), await readDefinition(ids.after)];
      return { before, after, differences: diffDefinitions(before.definition, after.definition) };
    },
  };
}
