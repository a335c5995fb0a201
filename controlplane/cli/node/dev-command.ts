import { Command, Option } from 'commander';
import { systemClock } from '../../../shared/time/clock.ts';
import { loadConfig } from '../../config.ts';
import type { LocalEcs } from '../../localecs/start-local-ecs.ts';
import type { WipClass } from '../../tasks/wip-class.ts';
import { examplesText } from '../command-help.ts';
import { importPart } from '../import-part.ts';
import { KINDS_HELP, loadKinds } from '../kinds/load-kinds.ts';
import { LAUNCHERS, type LauncherKind } from './launcher-kind.ts';
import { LOG_LEVELS } from './log-levels.ts';
import { createNodeLog } from './node-log.ts';
import { nextStepsText } from './next-steps.ts';
import { parsePort } from './parse-port.ts';
import { runUntilStopped } from './run-until-stopped.ts';
import { watchEventLoop } from './watch-event-loop.ts';

interface DevOptions {
  readonly port?: number;
  readonly data?: string;
  readonly config?: string;
  readonly logLevel?: string;
  readonly kinds?: readonly string[];
  readonly launcher: LauncherKind;
  readonly dockerNetwork?: string;
}

export function devCommand(): Command {
  return new Command('dev')
    .description(
      'Start everything on this machine: embedded database, local ECS whose containers are processes of this machine ' +
        '(without isolation: run only builds you trust), and one control-plane node. With --launcher docker containers ' +
        'run images in the engine in DOCKER_HOST. Ctrl-C ends all of it; the next start goes on where this one was.',
    )
    .option('--port <number>', 'port of the HTTP server (default 8090; 0 takes a free one)', parsePort)
    .option('--data <directory>', 'where database, keys and containers are kept (default .wip)')
    .option('--config <file>', 'controlplane.yml with further settings')
    .addOption(new Option('--launcher <kind>', 'what runs containers').choices(LAUNCHERS).default('process'))
    .option(
      '--docker-network <name>',
      'network that containers of the docker launcher join; their ports are not published',
    )
    .option('--kinds <file...>', KINDS_HELP)
    .addOption(new Option('--log-level <level>', 'what is logged (default warn)').choices(LOG_LEVELS))
    .addHelpText(
      'after',
      examplesText([
        'dev',
        'dev --port 0 --data /var/tmp/wip',
        'dev --launcher docker',
        'dev --kinds ./dist/restore-check.js',
      ]),
    )
    .action(dev);
}

/** What a person is likely to do next: to build something, or to try a class of his own. */
function nextCommand([kind]: readonly WipClass[]): string {
  return kind ? `npx wipctl add ${kind.kind} --watch` : 'npx wipctl run <repository> --branch main --watch';
}

/** Variables that a shell needs for `aws ecs …`: local ECS refuses requests without this key. */
function awsLines({ endpoint, accessKey }: LocalEcs): string {
  return (
    `To see its containers with aws --endpoint-url ${endpoint} --region local ecs …, set in that shell:\n` +
    `  export AWS_ACCESS_KEY_ID=${accessKey.accessKeyId}\n` +
    `  export AWS_SECRET_ACCESS_KEY=${accessKey.secretAccessKey.reveal()}\n`
  );
}

async function dev(options: DevOptions): Promise<void> {
  const given = {
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.data === undefined ? {} : { data_dir: options.data }),
    // People read this terminal, so warnings and errors are enough.
    log_level: (options.logLevel ?? process.env['WIP_LOG_LEVEL'] ?? 'warn') as 'warn',
  };
  const configFile = options.config === undefined ? {} : { file: options.config };
  const config = loadConfig({ environment: process.env, given, ...configFile });
  const log = createNodeLog(config.log_level);
  const { startDevelopment } = await importPart('local ECS', () => import('./start-development.ts'));
  const how = await runUntilStopped(async (onFatal, stop) => {
    if (options.kinds) watchEventLoop();
    const kinds = await loadKinds(options.kinds ?? [], {
      cwd: process.cwd(),
      maxRunSeconds: config.max_run_seconds,
      stop,
    });
    const development = await startDevelopment({
      environment: process.env,
      given,
      ...(options.config === undefined ? {} : { configFile: options.config }),
      clock: systemClock,
      random: Math.random,
      kinds,
      launcher: options.launcher,
      dockerNetwork: options.dockerNetwork,
      log,
      onFatal,
      stop,
    });
    process.stdout.write(
      `Wip runs at ${development.url}, its data is in ${development.dataDirectory}.\n` +
        nextStepsText({ ...development, url: development.address, cwd: process.cwd(), command: nextCommand(kinds) }) +
        awsLines(development.localEcs) +
        'Ctrl-C ends it.\n',
    );
    return {
      async close() {
        process.stdout.write('Ending: running containers are stopped first …\n');
        await development.close();
      },
    };
  }, log);
  // 69 means "unavailable", as in the table of exit codes (exit-code.ts).
  process.exitCode = how === 'asked' ? 0 : 69;
}
