import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { arnOf, findLocalCluster, type ActionContext } from './action-context.ts';
import { parseInput } from '../input/parse-input.ts';

// Local ECS has no services: these calls get the answers of a cluster that has none.

const Describe = z.looseObject({ cluster: z.string().optional(), services: z.array(z.string()).max(10) });
const List = z.looseObject({ cluster: z.string().optional(), nextToken: z.string().optional() });

export function describeServicesAction(context: ActionContext, input: unknown): object {
  const { cluster: reference, services } = parseInput(Describe, input);
  const cluster = findLocalCluster(context, reference);
  if (services.length === 0) throw new AwsError('InvalidParameterException', 'Services cannot be empty.');
  const failures = services.map((each) => ({
    arn: arnOf(context, each, `service/${cluster.name}`),
    reason: 'MISSING',
  }));
  return { services: [], failures };
}

export function listServicesAction(context: ActionContext, input: unknown): object {
  const { cluster, nextToken } = parseInput(List, input);
  findLocalCluster(context, cluster);
  if (nextToken !== undefined) throw new AwsError('InvalidParameterException', 'Invalid token');
  return { serviceArns: [] };
}
