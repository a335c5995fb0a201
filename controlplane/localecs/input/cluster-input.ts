import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import type { LocalCluster } from '../local-state.ts';
import { Text, Texts } from './request-fields.ts';
import { ProviderItem } from './run-task-input.ts';
import { whyStrategyRefused } from './run-task-rules.ts';
import { TagsInput } from './tags-input.ts';
import { unsupported } from './unsupported.ts';

/** "ClusterSetting" of the Amazon ECS API reference. Its values are texts in the model. */
const INSIGHTS = ['enabled', 'enhanced', 'disabled'];
const MAX_PROVIDERS = 20;

const Settings = z.array(z.looseObject({ name: z.enum(['containerInsights']).optional(), value: Text.optional() }));
const Configuration = z.looseObject({
  executeCommandConfiguration: z
    .looseObject({ logging: z.enum(['NONE', 'DEFAULT', 'OVERRIDE']).optional() })
    .optional(),
});
const ClusterParts = {
  settings: Settings.optional(),
  configuration: Configuration.optional(),
  serviceConnectDefaults: z.looseObject({ namespace: Text.optional() }).optional(),
};

export const CreateClusterInput = z.looseObject({
  clusterName: Text.default('default'),
  tags: TagsInput,
  capacityProviders: Texts.optional(),
  defaultCapacityProviderStrategy: z.array(ProviderItem).optional(),
  ...ClusterParts,
});
export const UpdateClusterInput = z.looseObject({ cluster: Text, ...ClusterParts });
export const UpdateSettingsInput = z.looseObject({ cluster: Text, settings: Settings });
export const PutProvidersInput = z.looseObject({
  cluster: Text,
  capacityProviders: Texts,
  defaultCapacityProviderStrategy: z.array(ProviderItem),
});

/** What a request may say of a cluster. */
export interface GivenParts {
  readonly settings?: z.infer<typeof Settings> | undefined;
  readonly configuration?: z.infer<typeof Configuration> | undefined;
  readonly serviceConnectDefaults?: unknown;
  readonly capacityProviders?: readonly string[] | undefined;
  readonly defaultCapacityProviderStrategy?: LocalCluster['defaultCapacityProviderStrategy'] | undefined;
}

/** Throws ECS's error for values that a cluster cannot have, and local ECS's own for what has no effect here. */
export function checkClusterParts(given: GivenParts): void {
  for (const { name, value = '' } of given.settings ?? []) {
    if (name === undefined) throw refused('name can not be blank.');
    if (!INSIGHTS.includes(value)) throw refused(`The value of ${name} should be one of [${INSIGHTS.join(',')}]`);
  }
  if (given.serviceConnectDefaults !== undefined) {
    throw refused(unsupported('serviceConnectDefaults', 'the cluster', 'it has no services'));
  }
  const { capacityProviders: providers = [], defaultCapacityProviderStrategy: strategy = [] } = given;
  if (providers.length > MAX_PROVIDERS) throw refused(`capacityProviders can have at most ${MAX_PROVIDERS} items.`);
  const why = whyStrategyRefused(strategy);
  if (why !== null) throw refused(why);
  if (strategy.every(({ capacityProvider }) => providers.includes(capacityProvider))) return;
  throw refused(NOT_ASSOCIATED);
}

export const NOT_ASSOCIATED =
  'The specified capacity provider strategy cannot contain a capacity provider that is not associated with the ' +
  'cluster. Associate the capacity provider with the cluster and try again.';

/** Returns the settings of a request as a cluster keeps them. */
export function settingsOf({ settings = [] }: GivenParts): LocalCluster['settings'] {
  return settings.map(({ name = '', value = '' }) => ({ name, value }));
}

/** Throws ECS's error for a second CreateCluster of a name that does not say what the first one said. */
export function checkSameCluster(known: LocalCluster, given: GivenParts): void {
  const isSame = (own: unknown, other: unknown): boolean =>
    other === undefined || JSON.stringify(own) === JSON.stringify(other);
  if (
    isSame(known.settings, given.settings && settingsOf(given)) &&
    isSame(known.configuration, given.configuration) &&
    isSame(known.capacityProviders, given.capacityProviders) &&
    isSame(known.defaultCapacityProviderStrategy, given.defaultCapacityProviderStrategy)
  ) {
    return;
  }
  throw refused('Arguments on this idempotent request are inconsistent with arguments used in previous request(s).');
}

function refused(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
