import { AbstractPipelineWip, PIPELINE_SEALED_OPTIONS } from '../pipeline/abstract-pipeline-wip.ts';
import type { BasicWip } from '../basic-wip.ts';
import type { WipClass } from '../wip-class.ts';
import { BuildPreparation } from '../build/build-preparation.ts';
import { BUILD_STEPS_OPTIONS } from '../build/build-steps-options.ts';
import { namedOptions } from './schema-fields.ts';

// A class takes the options of its parent by their fields, and which of them are secret is a list beside these.
const LISTS = [
  { parent: AbstractPipelineWip, sealed: PIPELINE_SEALED_OPTIONS, list: 'PIPELINE_SEALED_OPTIONS' },
  { parent: BuildPreparation, sealed: BUILD_STEPS_OPTIONS.sealed, list: 'BUILD_STEPS_OPTIONS.sealed' },
];

/** Returns the secret options of its parents that a kind takes and would store, and show, as they are. */
export function unsealedSecrets({ options }: WipClass, wip: BasicWip): readonly string[] {
  const { names: taken } = namedOptions(options.schema);
  const found = LISTS.filter(({ parent }) => wip instanceof parent).map(({ sealed, list }) => ({
    list,
    names: sealed.filter((name) => taken.includes(name) && !options.sealed.includes(name)),
  }));
  // The list of each class includes that of its parent.
  const { list, names } = found.findLast((one) => one.names.length > 0) ?? { list: '', names: [] };
  if (names.length === 0) return [];
  return [`options.sealed: ${names.join(', ')} would be stored and shown as they came; write sealed: [...${list}]`];
}
