import { hasNoUser, NO_USER } from '../../../shared/text/shown-address.ts';
import { fieldProblems, sayProblem, type FieldProblem } from '../../../shared/text/field-problems.ts';
import { checkArns, ConnectionSettings, endpointOf } from '../../ecs/client/aws-connection.ts';
import { NewLaunchSettings, type LaunchSettings } from '../../ecs/config/cluster.ts';
import { FieldsInvalidError } from '../http/fields-invalid-error.ts';

/** What an administrator saves. What is left out is cleared, except secrets beside the access key that is stored. */
export interface ClusterChange {
  readonly name: string;
  readonly region: string;
  readonly cluster: string;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly sessionToken?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
  readonly endpoint?: string | undefined;
  /** Not yet checked, as the launch settings. */
  readonly connection?: Readonly<Record<string, unknown>> | undefined;
  readonly launch: Readonly<Record<string, unknown>>;
  readonly fallback?: readonly string[] | undefined;
  /** `updatedAt` of what is replaced; null: a new cluster. Without it whatever is there is replaced. */
  readonly replaces?: string | null | undefined;
}

/** Throws CONFIG_INVALID with each setting of `launch` that no launch can use. */
export function parseLaunch({ name, launch }: Pick<ClusterChange, 'name' | 'launch'>): LaunchSettings {
  const parsed = NewLaunchSettings.safeParse(launch, { error: sayProblem });
  if (parsed.success) return parsed.data;
  const problems = fieldProblems(parsed.error, 'launch');
  throw new FieldsInvalidError(
    'CONFIG_INVALID',
    {
      happened: `Nothing can be launched into the cluster "${name}" with these settings: ${listed(problems)}`,
      remedy:
        'Give launch a type of ec2, fargate or capacity-providers, with what belongs to it (see controlplane/ecs/README.md)',
    },
    problems,
  );
}

/**
 * Parses the connection settings, and refuses values that do not fit together before the first launch would fail. Throws
 * CONFIG_INVALID.
 */
export function parseConnection(change: ClusterChange): ConnectionSettings {
  const { name, connection = {}, region, cluster, roleArn = null, externalId, endpoint } = change;
  const parsed = ConnectionSettings.safeParse(connection, { error: sayProblem });
  const withUser = Object.entries(parsed.data ?? {}).filter(
    ([, value]) => typeof value === 'string' && !hasNoUser(value),
  );
  const problems = parsed.success ? checkArns({ region, cluster, roleArn }) : fieldProblems(parsed.error, 'connection');
  problems.push(...withUser.map(([key]) => ({ path: `connection.${key}`, message: NO_USER })));
  if (externalId !== undefined && roleArn === null)
    problems.push({ path: 'externalId', message: 'an external id is sent with a role, and none is given' });
  if (
    parsed.success &&
    roleArn !== null &&
    endpointOf('sts', { endpoint: endpoint ?? null, connection: parsed.data }) === 'none'
  ) {
    const message = `${endpoint} is not Amazon's, so the role needs the address of its STS`;
    problems.push({ path: 'connection.stsEndpoint', message });
  }
  if (parsed.success) problems.push(...checkAddress(parsed.data, change.launch));
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new FieldsInvalidError(
    'CONFIG_INVALID',
    {
      happened: `The cluster "${name}" cannot be reached with these settings: ${listed(problems)}`,
      remedy: 'Correct what is named there (see "Reaching AWS" in controlplane/ecs/README.md)',
    },
    problems,
  );
}

/** Launch settings are checked by their own schema; here only what gives containers a public address counts. */
function checkAddress({ address }: ConnectionSettings, launch: ClusterChange['launch']): FieldProblem[] {
  const { subnets, assignPublicIp } = launch;
  if (address !== 'public' || !Array.isArray(subnets) || subnets.length === 0 || assignPublicIp === true) return [];
  const message = 'containers in subnets of their own have a public address on Fargate with assignPublicIp only';
  return [{ path: 'connection.address', message }];
}

/** Refuses fallback clusters that do not exist: a launch would fail when it gets to such a name. */
export function checkFallback(name: string, fallback: readonly string[], known: readonly string[]): void {
  const wrong = fallback.filter(
    (one, index) => one === name || !known.includes(one) || fallback.indexOf(one) !== index,
  );
  if (wrong.length === 0) return;
  const message = `cannot fall back on ${wrong.map((one) => `"${one}"`).join(', ')}`;
  const happened = `The cluster "${name}" ${message}`;
  const remedy = 'Name other clusters that are saved already, each once';
  throw new FieldsInvalidError('CONFIG_INVALID', { happened, remedy }, [
    { path: 'fallback', message: `${message}: name other clusters that are saved already, each once` },
  ]);
}

function listed(problems: readonly FieldProblem[]): string {
  return problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
}
