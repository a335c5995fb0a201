import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { systemClock } from '../../../shared/support/clock.ts';
import type { LogLevel } from '../../../shared/support/logger.ts';
import { EcsFault, FaultSchedule } from '../../localecs/faults.ts';
import { startLocalEcs, type LocalEcs } from '../../localecs/start-local-ecs.ts';
import { examplesText } from '../command-help.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { parseWholeNumber, readGivenFile } from '../table/table-source.ts';
import { createAgentLauncher } from './agent-launcher.ts';
import { createNodeLog } from './node-log.ts';
import { runUntilStopped } from './run-until-stopped.ts';

interface LocalEcsCommandOptions {
  readonly port: number;
  readonly dir: string;
  readonly region: string;
  readonly cluster: readonly string[];
  readonly instances: number;
  readonly cpu: number;
  readonly memory: number;
  readonly seed?: number;
  readonly faultSchedule?: string;
  readonly entrypoint?: string;
  readonly logLevel: LogLevel;
  readonly json?: boolean;
}

const LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

const FaultList = z.array(z.union([EcsFault, FaultSchedule]));
type FaultList = z.infer<typeof FaultList>;

export function localEcsCommand(): Command {
  return new Command('local')
    .description(
      'Start an ECS-compatible server on this machine, for "wipctl serve", the AWS SDKs and the aws command line. A ' +
        'container is the agent as a process of this machine, without isolation. SIGTERM or Ctrl-C stops the ' +
        'containers and ends; after a kill the next start on the same directory adopts them.',
    )
    .option('--port <number>', 'port on 127.0.0.1; 0 takes a free one', parsePort, 8093)
    .option('--dir <directory>', 'where the state, the access key and the containers are kept', '.wip/ecs-local')
    .addOption(new Option('--launcher <kind>', 'what runs containers').choices(['process']).default('process'))
    .option('--region <name>', 'region in ARNs', 'local')
    .option('--cluster <name...>', 'clusters of a new state', ['default'])
    .option('--instances <number>', 'container instances of each cluster', parseWholeNumber, 1)
    .option('--cpu <units>', 'CPU units of each instance, 1024 per processor', parseWholeNumber, 16 * 1024)
    .option('--memory <mebibytes>', 'memory of each instance', parseWholeNumber, 64 * 1024)
    .option('--seed <number>', 'same ids of tasks, and same faults by chance, at each start', parseSeed)
    .option('--fault-schedule <file>', 'JSON list of faults to begin with, as POST /_faults takes it')
    .option('--entrypoint <command>', 'shell command that each container runs in place of the agent')
    .addOption(new Option('--log-level <level>', 'what is logged to stderr').choices(LEVELS).default('warn'))
    .option('--json', 'print address and access key as one line of JSON')
    .addHelpText(
      'after',
      examplesText([
        'ecs local',
        'ecs local --port 0 --instances 3 --cpu 4096 --memory 8192',
        'ecs local --seed 7 --fault-schedule faults.json',
        `ecs local --entrypoint 'sleep 60'`,
      ]),
    )
    .action(local);
}

async function local(options: LocalEcsCommandOptions): Promise<void> {
  const faults = options.faultSchedule === undefined ? [] : readFaults(options.faultSchedule, options.seed);
  const log = createNodeLog(options.logLevel);
  await runUntilStopped(async () => {
    const launcher = await createAgentLauncher({
      environment: process.env,
      clock: systemClock,
      log,
      ...(options.entrypoint !== undefined && { entrypoint: ['/bin/sh', '-c', options.entrypoint] }),
    });
    const directory = resolve(options.dir);
    const started = await startLocalEcs({
      directory,
      port: options.port,
      launcher,
      instances: options.instances,
      resources: { cpu: options.cpu, memory: options.memory },
      clusters: options.cluster,
      region: options.region,
      ...(options.seed !== undefined && { seed: options.seed }),
      clock: systemClock,
      log,
    });
    started.faults.add(faults);
    process.stdout.write(options.json ? jsonOf(started, options) : textOf(started, options));
    return started;
  }, log);
  process.exitCode = EXIT_CODE.OK;
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('Give a port from 0 to 65535.');
}

/** A seed has 32 bits: what the generator keeps. */
function parseSeed(text: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (seed >= 0 && seed < 2 ** 32) return seed;
  throw new InvalidArgumentError(`Give a whole number from 0 to ${2 ** 32 - 1}.`);
}

/** Reads the faults before anything is started. The seed of the command line replaces those of schedules. */
function readFaults(file: string, seed: number | undefined): FaultList {
  const text = readGivenFile(file);
  try {
    const faults = FaultList.parse(JSON.parse(text));
    return faults.map((fault) => (fault.kind === 'schedule' && seed !== undefined ? { ...fault, seed } : fault));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as SyntaxError).message;
    throw new OperationalError('USAGE', {
      happened: `${file} is not a list of faults: ${why}`,
      remedy:
        'Write a JSON list such as [{"kind":"throttle","action":"RunTask","times":3}]; see controlplane/localecs/README.md',
      cause,
    });
  }
}

function jsonOf({ endpoint, accessKey }: LocalEcs, { region, cluster, dir }: LocalEcsCommandOptions): string {
  const { accessKeyId, secretAccessKey } = accessKey;
  const started = { endpoint, region, clusters: cluster, accessKeyId, secretAccessKey: secretAccessKey.reveal() };
  return `${JSON.stringify({ ...started, directory: resolve(dir), pid: process.pid })}\n`;
}

function textOf({ endpoint, accessKey }: LocalEcs, { region, cluster, dir }: LocalEcsCommandOptions): string {
  const [first = 'default'] = cluster;
  return `Local ECS listens at ${endpoint}, its data is in ${resolve(dir)}.
Requests must be signed with its key. In another shell:
  export AWS_ACCESS_KEY_ID=${accessKey.accessKeyId}
  export AWS_SECRET_ACCESS_KEY=${accessKey.secretAccessKey.reveal()}
  aws --endpoint-url ${endpoint} --region ${region} ecs list-tasks --cluster ${first}
As a cluster of a running control plane:
  printenv AWS_SECRET_ACCESS_KEY | wipctl clusters save local --region ${region} --cluster ${first} --endpoint ${endpoint} --access-key-id "$AWS_ACCESS_KEY_ID" --secret-file -
Ctrl-C ends it.
`;
}
