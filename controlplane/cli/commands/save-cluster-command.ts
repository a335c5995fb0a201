import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import type { ClusterBody } from '../../api/clusters/cluster-routes.ts';
import type { ClusterView } from '../../api/clusters/cluster-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';
import { readGivenFile } from '../table/table-source.ts';
import { oneLine } from '../output/text.ts';

interface SaveOptions extends ClientOptions {
  readonly region?: string;
  readonly cluster?: string;
  readonly launch?: string;
  readonly accessKeyId?: string;
  readonly secretFile?: string;
  readonly nodeCredentials?: boolean;
  readonly endpoint?: string;
}

type Body = z.input<typeof ClusterBody>;
const Launch = z.record(z.string(), z.unknown());
const STDIN = '-';

export function saveClusterCommand(context: CliContext): Command {
  return clientCommand('save', 'Add a cluster, or change one: settings that are not given stay as they are.', [
    'clusters save default --region eu-central-1 --cluster builds',
    `clusters save big --region eu-central-1 --cluster big --launch '{"type":"fargate","subnets":["subnet-1"]}'`,
    'clusters save default --access-key-id AKIA… --secret-file - < secret',
  ])
    .argument('<name>', 'name of the cluster in Wip')
    .option('--region <region>', 'AWS region; required for a new cluster')
    .option('--cluster <cluster>', 'name of the cluster in ECS; required for a new cluster')
    .option(
      '--launch <json|file>',
      'how containers are launched; see controlplane/README.md (default of a new cluster: ec2)',
    )
    .option('--access-key-id <id>', 'access key for calls to it')
    .option('--secret-file <file>', 'file with the secret of the access key; - reads standard input')
    .option('--node-credentials', 'forget the access key and use the credentials of the node')
    .option('--endpoint <url>', "address of local ECS; an empty one means Amazon's")
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
  const endpoint = options.endpoint ?? known?.endpoint ?? '';
  return {
    region,
    cluster,
    launch: options.launch === undefined ? (known?.launch ?? { type: 'ec2' }) : readLaunch(options.launch, context),
    ...(endpoint !== '' && { endpoint }),
    ...(await credentialsOf(known, options, context)),
  };
}

async function credentialsOf(
  known: ClusterView | undefined,
  { nodeCredentials, accessKeyId, secretFile }: SaveOptions,
  context: CliContext,
): Promise<Pick<Body, 'accessKeyId' | 'secretAccessKey'>> {
  if (nodeCredentials) {
    if (accessKeyId === undefined && secretFile === undefined) return {};
    throw new OperationalError('USAGE', {
      happened: 'An access key was given together with --node-credentials',
      remedy: 'Give one or the other',
    });
  }
  const key = accessKeyId ?? known?.accessKeyId ?? undefined;
  if (secretFile === undefined) return key === undefined ? {} : { accessKeyId: key };
  const text = secretFile === STDIN ? await context.readInput() : readGivenFile(resolve(context.cwd, secretFile));
  return { ...(key !== undefined && { accessKeyId: key }), secretAccessKey: text.trim() };
}

/** Reads JSON from the argument, or from the file that it names. */
function readLaunch(given: string, context: CliContext): Body['launch'] {
  const isText = given.trimStart().startsWith('{');
  const text = isText ? given : readGivenFile(resolve(context.cwd, given));
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
