import { Command, InvalidArgumentError, Option } from 'commander';
import { examplesText } from '../command-help.ts';
import { someText } from '../given-value.ts';
import { importPart } from '../import-part.ts';
import { parseWholeNumber } from '../table/table-source.ts';
import { parsePort } from './parse-port.ts';
import { LAUNCHERS } from './launcher-kind.ts';
import { LOG_LEVELS } from './log-levels.ts';
import type { LocalEcsCommandOptions } from './run-local-ecs.ts';

export function localEcsCommand(): Command {
  return new Command('local')
    .description(
      'Start an ECS-compatible server on this machine, for "wipctl serve", the AWS SDKs and the aws command line. A ' +
        'container is the agent as a process of this machine, without isolation, or with --launcher docker the image of ' +
        'its task definition, run by the engine in DOCKER_HOST. SIGTERM or Ctrl-C stops the containers and ends; after a ' +
        'kill the next start on the same directory adopts them.',
    )
    .option('--host <address>', 'address to listen on', someText, '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', parsePort, 8093)
    .option('--dir <directory>', 'where the state, the access key and the containers are kept', '.wip/ecs-local')
    .addOption(new Option('--launcher <kind>', 'what runs containers').choices(LAUNCHERS).default('process'))
    .option(
      '--docker-network <name>',
      'network that containers of the docker launcher join; their ports are not published',
    )
    .option('--region <name>', 'region in ARNs', someText, 'local')
    .option('--cluster <name...>', 'clusters of a new state', ['default'])
    .option('--instances <number>', 'container instances of each cluster', parseWholeNumber, 1)
    .option('--cpu <units>', 'CPU units of each instance, 1024 per processor', parseWholeNumber, 16 * 1024)
    .option('--memory <mebibytes>', 'memory of each instance', parseWholeNumber, 64 * 1024)
    .option('--seed <number>', 'same ids of tasks, and same faults by chance, at each start', parseSeed)
    .option('--fault-schedule <file>', 'JSON list of faults to begin with, as POST /_faults takes it')
    .option('--entrypoint <command>', 'shell command that each container runs in place of the agent')
    .addOption(new Option('--log-level <level>', 'what is logged to stderr').choices(LOG_LEVELS).default('warn'))
    .option('--json', 'print address and access key as one line of JSON')
    .addHelpText(
      'after',
      examplesText([
        'ecs local',
        'ecs local --port 0 --instances 3 --cpu 4096 --memory 8192',
        'ecs local --seed 7 --fault-schedule faults.json',
        `ecs local --entrypoint 'sleep 60'`,
        'ecs local --launcher docker',
      ]),
    )
    .action(async (options: LocalEcsCommandOptions) => {
      const { runLocalEcs } = await importPart('local ECS', () => import('./run-local-ecs.ts'));
      await runLocalEcs(options);
    });
}

/** Reads a seed of 32 bits, the size of the generator's state. */
function parseSeed(text: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (seed >= 0 && seed < 2 ** 32) return seed;
  throw new InvalidArgumentError(`Give a whole number from 0 to ${2 ** 32 - 1}.`);
}
