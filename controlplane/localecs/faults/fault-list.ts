import { z } from 'zod';
import { ContainerFault, EcsFault, FaultSchedule } from './faults.ts';
import { parseInput } from '../input/parse-input.ts';

const KINDS = z.looseObject({
  kind: z.enum([
    ...EcsFault.options.map(({ shape }) => shape.kind.value),
    FaultSchedule.shape.kind.value,
    ...ContainerFault.options.map(({ shape }) => shape.kind.value),
  ]),
});

export type ListedFault =
  | { readonly is: 'of-a-container'; readonly fault: ContainerFault }
  | { readonly is: 'of-calls'; readonly fault: EcsFault | FaultSchedule };

/** Parses a list of faults, as `POST /_faults` takes it. Throws an AwsError about the first that is none. */
export function parseFaultList(input: unknown): readonly ListedFault[] {
  return parseInput(z.array(KINDS), input).map(parseFault);
}

/** The kind says which schema it is, so that an error is about the members of that kind. */
function parseFault(given: z.infer<typeof KINDS>): ListedFault {
  const isOfContainer = ContainerFault.options.some(({ shape }) => shape.kind.value === given.kind);
  if (isOfContainer) return { is: 'of-a-container', fault: parseInput(ContainerFault, given) };
  if (given.kind === 'schedule') return { is: 'of-calls', fault: parseInput(FaultSchedule, given) };
  return { is: 'of-calls', fault: parseInput(EcsFault, given) };
}
