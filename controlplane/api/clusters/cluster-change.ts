import { OperationalError } from '../../../shared/model/error.ts';
import { checkArns, ConnectionSettings, endpointOf } from '../../ecs/aws-connection.ts';

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
}

/** Checks what does not fit together before the first launch would find it. */
export function parseConnection(change: ClusterChange): ConnectionSettings {
  const { name, connection = {}, region, cluster, roleArn = null, externalId, endpoint } = change;
  const parsed = ConnectionSettings.safeParse(connection);
  const problems = parsed.success
    ? checkArns({ region, cluster, roleArn })
    : parsed.error.issues.map(({ path, message }) => `${['connection', ...path].join('.')}: ${message}`);
  if (externalId !== undefined && roleArn === null)
    problems.push('an external id is sent with a role, and none is given');
  if (
    parsed.success &&
    roleArn !== null &&
    endpointOf('sts', { endpoint: endpoint ?? null, connection: parsed.data }) === 'none'
  ) {
    problems.push(`${endpoint} is not Amazon's, so the role needs the address of its STS (connection.stsEndpoint)`);
  }
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new OperationalError('CONFIG_INVALID', {
    happened: `The cluster "${name}" cannot be reached so: ${problems.join('; ')}`,
    remedy: 'Correct what is named there (see "Reaching AWS" in controlplane/ecs/README.md)',
  });
}

/** A cluster that is tried when another has no room must be there, or launches would end at its name. */
export function checkFallback(name: string, fallback: readonly string[], known: readonly string[]): void {
  const wrong = fallback.filter(
    (one, index) => one === name || !known.includes(one) || fallback.indexOf(one) !== index,
  );
  if (wrong.length === 0) return;
  throw new OperationalError('CONFIG_INVALID', {
    happened: `The cluster "${name}" cannot fall back on ${wrong.map((one) => `"${one}"`).join(', ')}`,
    remedy: 'Name other clusters that are saved already, each once',
  });
}
