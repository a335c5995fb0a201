import { Command } from 'commander';
import { z } from 'zod';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { inspectEcsSources } from '../../clusters/ecs-sources.ts';
import { inspectConfig } from '../../config.ts';
import { NewLaunchSettings, type EcsCluster } from '../../ecs/config/cluster.ts';
import { inspectEcsConfig, problemText, type EcsConfig } from '../../ecs/config/ecs-config.ts';
import { findLaunchConflictsOfAll, launchConflictText } from '../../ecs/definition/task-definition.ts';
import { findStartProblems } from '../../check-start.ts';
import { STOP_BUDGET_SECONDS } from '../../node/node-clients.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connectOperator, type ClientOptions } from '../commands/client-command.ts';
import { launchOfWord } from '../commands/launch-word.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { oneLine, paintFor } from '../output/text.ts';
import { configSource, type ConfigOptions } from './read-settings.ts';

interface CheckOptions extends ClientOptions, ConfigOptions {
  readonly launch?: string;
}

/** What `--json` prints. */
export const ConfigCheck = z.object({
  isValid: z.boolean(),
  /** Each with file, line and path. */
  problems: z.array(z.string()),
  warnings: z.array(z.string()),
  /** The clusters for which task definitions were checked. */
  clusters: z.array(z.string()),
});
type ConfigCheck = z.infer<typeof ConfigCheck>;
type LaunchedInto = Pick<EcsCluster, 'name' | 'region' | 'cluster' | 'launch'>;

export function checkConfigCommand(context: CliContext): Command {
  return clientCommand(
    'check',
    'Check controlplane.yml, config.ecs.yml, the site file and the variables: everything that is wrong at once, and what keeps ' +
      'containers from being launched into the clusters. Exits with 2 when something is wrong.',
    [
      'config check --config controlplane.yml',
      `config check --launch '{"type":"fargate","subnets":["subnet-1"]}'`,
      'WIP_SERVER=https://wip.example.org config check',
    ],
  )
    .option('--config <file>', 'controlplane.yml (or WIP_CONFIG)')
    .option(
      '--launch <type|json>',
      'check against a cluster with these launch settings, instead of those of the control plane',
    )
    .action(async (options: CheckOptions) => {
      const check = await checkAll(options, context);
      if (!check.isValid) context.setExitCode(EXIT_CODE.USAGE);
      if (options.json) return writeJson(context, check);
      writeText(check, context);
    });
}

async function checkAll(options: CheckOptions, context: CliContext): Promise<ConfigCheck> {
  const problems: string[] = [];
  const config = attempt(() => inspectConfig(configSource(options, context)), problems);
  // Even without a readable file, the environment says which ECS files to check.
  const { config: usable, problems: ofNode } =
    config ?? inspectConfig({ environment: { ...context.environment, WIP_CONFIG: '' } });
  problems.push(...(config ? ofNode : []));
  problems.push(...(await findStartProblems(usable, context.environment)).map(({ message }) => message));
  const { sources, failures } = inspectEcsSources(usable, context.environment);
  problems.push(...failures.map(({ message }) => message));
  const ecs = failures.length > 0 ? null : inspectEcsConfig(sources);
  problems.push(...(ecs?.problems ?? []).map(problemText));
  const clusters = ecs?.config ? await clustersOf(options, context) : [];
  problems.push(...clusters.flatMap((cluster) => launchConflictsOf(cluster, ecs?.config ?? null)));
  return {
    isValid: problems.length === 0,
    problems,
    warnings: (ecs?.warnings ?? []).map(problemText),
    clusters: clusters.map(({ name }) => name),
  };
}

function attempt<T>(work: () => T, problems: string[]): T | null {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== 'CONFIG_INVALID') throw error;
    problems.push(error.message);
    return null;
  }
}

/** A control plane is asked only when it was named: the check must also work where none is reachable. */
async function clustersOf(options: CheckOptions, context: CliContext): Promise<readonly LaunchedInto[]> {
  if (options.launch !== undefined) {
    const launch = parseLaunch(options.launch);
    return [{ name: '--launch', region: 'region', cluster: 'cluster', launch }];
  }
  if (options.server === undefined && !context.environment['WIP_SERVER']) return [];
  const listed = await connectOperator(options, context).listClusters();
  return listed.map(({ name, region, cluster, launch }) => ({
    name,
    region,
    cluster,
    launch: parseLaunch(JSON.stringify(launch)),
  }));
}

function parseLaunch(text: string): LaunchedInto['launch'] {
  try {
    return NewLaunchSettings.parse(launchOfWord(text) ?? JSON.parse(text));
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `These are no launch settings: ${cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause)}`,
      remedy: 'Give JSON such as {"type":"ec2"}, as for "wipctl clusters save --launch"',
      cause,
    });
  }
}

function launchConflictsOf(cluster: LaunchedInto, config: EcsConfig | null): string[] {
  if (!config) return [];
  const conflicts = findLaunchConflictsOfAll({ config, cluster, stopBudgetSeconds: STOP_BUDGET_SECONDS });
  return conflicts.map((conflict) => `Cluster ${cluster.name}: ${launchConflictText(conflict)}`);
}

function writeText({ problems, warnings, clusters }: ConfigCheck, context: CliContext): void {
  const paint = paintFor(context.out, context.environment);
  const lines = [
    ...problems.map((problem) => `${paint('red', 'wrong')}    ${oneLine(problem)}`),
    ...warnings.map((warning) => `${paint('yellow', 'warning')}  ${oneLine(warning)}`),
  ];
  const against =
    clusters.length > 0
      ? `checked against ${clusters.join(', ')}`
      : 'checked against no cluster; name one with --launch, or a control plane with --server';
  const verdict = problems.length === 0 ? 'The configuration is valid' : `${problems.length} to correct`;
  context.out.write([...lines, `${verdict} (${against}).`].join('\n') + '\n');
}
