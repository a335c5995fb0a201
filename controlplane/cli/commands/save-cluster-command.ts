import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { ClusterBody } from '../../api/clusters/cluster-body.ts';
import { ClusterName } from '../../api/clusters/cluster-name.ts';
import { ConnectionSettings, RoleArn } from '../../ecs/client/aws-connection.ts';
import type { ClusterToSave } from '../client/operator-client.ts';
import type { ClusterView } from '../../api/clusters/cluster-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { namesFor, textFor, textOrNothing } from '../given-value.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';
import { readGivenFile } from '../table/table-source.ts';
import { LAUNCH_WORDS, launchOfWord } from './launch-word.ts';
import { oneLine } from '../output/text.ts';

interface SaveOptions extends ClientOptions {
  readonly region?: string;
  readonly cluster?: string;
  readonly launch?: string;
  readonly accessKeyId?: string;
  readonly secretFile?: string;
  readonly sessionTokenFile?: string;
  readonly nodeCredentials?: boolean;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly endpoint?: string;
  readonly ec2Endpoint?: string;
  readonly stsEndpoint?: string;
  readonly logsEndpoint?: string;
  readonly eventsQueue?: string;
  readonly fips?: boolean;
  readonly dualStack?: boolean;
  readonly proxy?: string;
  readonly address?: string;
  readonly fallBack?: readonly string[];
}

type Body = ClusterToSave;
const Launch = z.record(z.string(), z.unknown());
const STDIN = '-';

export function saveClusterCommand(context: CliContext): Command {
  const [body, reach] = [ClusterBody.shape, ConnectionSettings.shape];
  return clientCommand('save', 'Add a cluster, or change one: settings that are not given stay as they are.', [
    'clusters save default --region eu-central-1 --cluster builds',
    `clusters save big --region eu-central-1 --cluster big --launch '{"type":"fargate","subnets":["subnet-1"]}'`,
    'clusters save default --access-key-id AKIA… --secret-file - < secret',
    'clusters save spot --role-arn arn:aws:iam::123456789012:role/wip --external-id wip --fall-back on-demand',
  ])
    .argument('<name>', 'name of the cluster in Wip', textFor(ClusterName))
    .option('--region <region>', 'AWS region; required for a new cluster', textFor(body.region))
    .option('--cluster <cluster>', 'name of the cluster in ECS; required for a new cluster', textFor(body.cluster))
    .option(
      '--launch <type|json|file>',
      'how containers are launched; see controlplane/README.md (default of a new cluster: ec2)',
    )
    .option('--access-key-id <id>', 'access key for calls to it', textFor(body.accessKeyId))
    .option('--secret-file <file>', 'file with the secret of the access key; - reads standard input')
    .option('--session-token-file <file>', 'file with the session token of a temporary access key')
    .option('--node-credentials', 'forget the access key and use the credentials of the node')
    .option(
      '--role-arn <arn>',
      'role to assume with these credentials; an empty one means none',
      textOrNothing(RoleArn),
    )
    .option(
      '--external-id <id>',
      'external id that the trust policy of the role asks for; an empty one means none',
      textOrNothing(body.externalId),
    )
    .option(
      '--endpoint <url>',
      "address of ECS: local ECS or a VPC endpoint; an empty one means Amazon's",
      textOrNothing(body.endpoint),
    )
    .option(
      '--ec2-endpoint <url>',
      "address of EC2; an empty one means Amazon's, or local ECS",
      textOrNothing(reach.ec2Endpoint),
    )
    .option('--sts-endpoint <url>', "address of STS; an empty one means Amazon's", textOrNothing(reach.stsEndpoint))
    .option(
      '--logs-endpoint <url>',
      "address of CloudWatch Logs; an empty one means Amazon's",
      textOrNothing(reach.logsEndpoint),
    )
    .option('--fips', "use Amazon's FIPS endpoints")
    .option('--no-fips', 'use the common ones')
    .option('--dual-stack', 'use endpoints with IPv4 and IPv6')
    .option('--no-dual-stack', 'use endpoints with IPv4')
    .option(
      '--proxy <url>',
      "HTTP proxy for this cluster, or direct; an empty one means the node's",
      textOrNothing(reach.proxy),
    )
    .addOption(
      new Option('--address <kind>', 'address of its containers that nodes connect to (default: private)').choices([
        'private',
        'public',
      ]),
    )
    .option(
      '--events-queue <url>',
      'SQS queue with the events of the cluster; an empty one means none',
      textOrNothing(reach.eventsQueue),
    )
    .option(
      '--fall-back <names>',
      'clusters to try when this one has no room, in order; an empty text means none',
      namesFor(ClusterName),
    )
    .action(async (name: string, options: SaveOptions) => {
      const client = connectOperator(options, context);
      const known = (await client.listClusters()).find((one) => one.name === name);
      const saved = await client.saveCluster(name, await bodyOf(name, known, options, context));
      if (options.json) return writeJson(context, saved);
      const use = saved.isActive ? '' : ` Launch into it with "wipctl clusters use ${oneLine(name)}".`;
      context.out.write(`The cluster "${oneLine(saved.name)}" is saved.${use}\n`);
    });
}

async function bodyOf(
  name: string,
  known: ClusterView | undefined,
  options: SaveOptions,
  context: CliContext,
): Promise<Body> {
  const region = options.region ?? known?.region;
  const cluster = options.cluster ?? known?.cluster;
  if (region === undefined || cluster === undefined) {
    throw new OperationalError('USAGE', {
      happened: `There is no cluster "${name}" yet, and a new one needs a region and its name in ECS`,
      remedy: 'Give --region and --cluster',
    });
  }
  const text = (name: 'endpoint' | 'roleArn' | 'externalId') => options[name] ?? known?.[name] ?? '';
  const [endpoint, roleArn, externalId] = [text('endpoint'), text('roleArn'), text('externalId')];
  return {
    // The given values are merged over the values that were read, so the server must refuse the change if somebody else has
    // changed the cluster in between.
    replaces: known?.updatedAt ?? null,
    region,
    cluster,
    launch: options.launch === undefined ? (known?.launch ?? { type: 'ec2' }) : readLaunch(options.launch, context),
    connection: connectionOf(known, options),
    fallback: [...(options.fallBack ?? known?.fallback ?? [])],
    ...(endpoint !== '' && { endpoint }),
    ...(roleArn !== '' && { roleArn }),
    // An external id has no meaning without a role.
    ...(roleArn !== '' && externalId !== '' && { externalId }),
    ...(await credentialsOf(known, options, context)),
  };
}

/** Merges the given settings over the stored ones. An empty text and `--no-…` remove a setting. */
function connectionOf(known: ClusterView | undefined, options: SaveOptions): Record<string, unknown> {
  const { fips, dualStack, ec2Endpoint, stsEndpoint, logsEndpoint, proxy, eventsQueue, address } = options;
  const given = Object.entries({
    fips,
    dualStack,
    ec2Endpoint,
    stsEndpoint,
    logsEndpoint,
    proxy,
    eventsQueue,
    address,
  }).filter(([, value]) => value !== undefined);
  const laid = Object.entries({ ...known?.connection, ...Object.fromEntries(given) });
  return Object.fromEntries(laid.filter(([, value]) => value !== '' && value !== false));
}

async function credentialsOf(
  known: ClusterView | undefined,
  { nodeCredentials, accessKeyId, secretFile, sessionTokenFile }: SaveOptions,
  context: CliContext,
): Promise<Pick<Body, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>> {
  if (nodeCredentials) {
    if (accessKeyId === undefined && secretFile === undefined && sessionTokenFile === undefined) return {};
    throw new OperationalError('USAGE', {
      happened: 'An access key was given together with --node-credentials',
      remedy: 'Give one or the other',
    });
  }
  if (secretFile === STDIN && sessionTokenFile === STDIN) {
    throw new OperationalError('USAGE', {
      happened: 'Secret and session token cannot both be read from standard input',
      remedy: 'Give a file for one of them',
    });
  }
  const key = accessKeyId ?? known?.accessKeyId ?? undefined;
  const read = async (file: string): Promise<string> =>
    (file === STDIN ? await context.readInput() : readGivenFile(resolve(context.cwd, file))).trim();
  return {
    ...(key !== undefined && { accessKeyId: key }),
    ...(secretFile !== undefined && { secretAccessKey: await read(secretFile) }),
    ...(sessionTokenFile !== undefined && { sessionToken: await read(sessionTokenFile) }),
  };
}

/** Reads a type by its word, JSON from the argument, or JSON from the file that it names. */
function readLaunch(given: string, context: CliContext): Body['launch'] {
  const ofWord = launchOfWord(given);
  if (ofWord) return ofWord;
  const isText = given.trimStart().startsWith('{');
  const text = isText
    ? given
    : readGivenFile(resolve(context.cwd, given), `, JSON, or one of ${LAUNCH_WORDS.join(', ')}`);
  try {
    return Launch.parse(JSON.parse(text));
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `${isText ? 'The value of --launch' : given} is not a JSON object`,
      remedy: 'Give one such as {"type":"ec2"}, or a file with it',
      cause,
    });
  }
}
