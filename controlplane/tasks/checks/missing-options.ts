import type { z } from 'zod';
import { AbstractPipelineWip, PIPELINE_OPTION_FIELDS } from '../pipeline/abstract-pipeline-wip.ts';
import type { BasicWip } from '../basic-wip.ts';
import type { WipClass } from '../wip-class.ts';
import { CONTAINER_OPTION_FIELDS } from '../container/container-wip-options.ts';
import { ContainerWip } from '../container/container-wip.ts';
import { namedOptions } from './schema-fields.ts';

// The most special parent first: its fields have those of the others.
const PARENTS = [
  { parent: AbstractPipelineWip, fields: PIPELINE_OPTION_FIELDS, list: 'PIPELINE_OPTION_FIELDS' },
  { parent: ContainerWip, fields: CONTAINER_OPTION_FIELDS, list: 'CONTAINER_OPTION_FIELDS' },
];

/**
 * Returns the options that the parents of a class read of each task and its schema does not have. Without `release_on_exit`, for
 * one, no container would be released. The compiler says so as well, but not to a module in plain JavaScript.
 */
export function missingOptions({ options }: WipClass, wip: BasicWip): readonly string[] {
  const found = PARENTS.find(({ parent }) => wip instanceof parent);
  const { names, areAll } = namedOptions(options.schema);
  if (!found || !areAll) return [];
  const missing = withDefaults(found.fields).filter((name) => !names.includes(name));
  if (missing.length === 0) return [];
  return [`options.schema: ${missing.join(', ')} would have no value; write ...${found.list} into the schema`];
}

/** Returns the fields that every task has a value of. */
function withDefaults(fields: Readonly<Record<string, z.ZodType>>): string[] {
  return Object.keys(fields).filter((name) => fields[name]?.safeParse(undefined).data !== undefined);
}
