import { z } from 'zod';
import { arn, arnOf, findLocalCluster, type ActionContext } from './action-context.ts';
import { parseInput } from '../input/parse-input.ts';
import { PAGE_FIELDS, pageOf } from './paging.ts';

const Describe = z.looseObject({
  cluster: z.string().optional(),
  capacityProviders: z.array(z.string()).max(100).optional(),
  include: z.array(z.enum(['TAGS'])).default([]),
  ...PAGE_FIELDS,
});

/** Every account has those of Fargate. The others here are the names that clusters were given. */
const OF_FARGATE = ['FARGATE', 'FARGATE_SPOT'];

export function describeCapacityProvidersAction(context: ActionContext, input: unknown): object {
  const request = parseInput(Describe, input);
  const known = providersOf(context, request.cluster);
  const kind = arn(context, 'capacity-provider/');
  const wanted = (request.capacityProviders ?? known).map((each) =>
    each.startsWith(kind) ? each.slice(kind.length) : each,
  );
  const { items, rest } = pageOf(
    known.filter((name) => wanted.includes(name)),
    request,
    {
      action: 'DescribeCapacityProviders',
      filter: [request.cluster, ...(request.capacityProviders ?? [])],
      keyOf: (name) => name,
    },
  );
  return {
    capacityProviders: items.map((name) => ({
      capacityProviderArn: arn(context, `capacity-provider/${name}`),
      name,
      status: 'ACTIVE',
      tags: [],
    })),
    failures: wanted
      .filter((name) => !known.includes(name))
      .map((name) => ({ arn: arnOf(context, name, 'capacity-provider'), reason: 'MISSING' })),
    ...rest,
  };
}

/** Returns the providers of one cluster, or of all. */
function providersOf(context: ActionContext, cluster: string | undefined): readonly string[] {
  if (cluster !== undefined) return findLocalCluster(context, cluster).capacityProviders;
  const associated = Object.values(context.state.clusters).flatMap(({ capacityProviders }) => capacityProviders);
  return [...new Set([...OF_FARGATE, ...associated])];
}
