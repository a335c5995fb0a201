import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { systemClock } from '../../../shared/time/clock.ts';
import { CONTROL_PLANE_FIELDS } from '../../config-fields.ts';
import { loadConfig } from '../../config.ts';
import { checkStart } from '../../check-start.ts';
import { startControlPlane } from '../../server.ts';
import { readVersion } from '../../version.ts';
import { KINDS_HELP, loadKinds } from '../kinds/load-kinds.ts';
import { findDashboard } from './find-dashboard.ts';
import { createNodeLog } from './node-log.ts';
import { runUntilStopped } from './run-until-stopped.ts';
import { watchEventLoop } from './watch-event-loop.ts';

interface ServeOptions {
  readonly config?: string;
  readonly kinds?: readonly string[];
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('Start a node of the control plane. Any number of nodes share one PostgreSQL (WIP_DATABASE_URL).')
    .option('--config <file>', 'controlplane.yml (or WIP_CONFIG)')
    .option('--kinds <file...>', KINDS_HELP)
    .addHelpText(
      'after',
      () =>
        `\nSettings, in controlplane.yml or as variables:\n${settingsHelp()}\n\nExample:\n  $ WIP_DATABASE_URL=postgres://wip@db/wip WIP_MASTER_KEY_FILE=/run/secrets/wip wipctl serve\n`,
    )
    .action(serve);
}

function settingsHelp(): string {
  return Object.entries(CONTROL_PLANE_FIELDS)
    .map(([key, field]) => `  ${`WIP_${key.toUpperCase()}`.padEnd(28)} ${field.description ?? ''}`)
    .join('\n');
}

/**
 * Node cuts small buffers out of slabs of 64 KiB, and a slab stays while one piece of it is used. Each connection to an
 * agent keeps some bytes for hours (the tag of its cipher, its host key): a slab for each. That was Node's size until 24.
 */
const SLAB_BYTES = 8 * 1024;

/**
 * V8 collects old objects once they have grown by this share since the last time. On a machine with much memory V8 itself
 * waits until they are several times as many. A smaller share takes processor time from output: its pieces are large, and
 * garbage at once.
 */
const HEAP_GROWTH_PERCENT = 60;

async function serve(options: ServeOptions): Promise<void> {
  Buffer.poolSize = SLAB_BYTES;
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
  const configFile = options.config === undefined ? {} : { file: options.config };
  const config = loadConfig({ environment: process.env, ...configFile });
  await checkStart(config, process.env);
  const log = createNodeLog(config.log_level);
  const how = await runUntilStopped(async (onFatal, stop) => {
    if (options.kinds) watchEventLoop();
    const kinds = await loadKinds(options.kinds ?? [], {
      cwd: process.cwd(),
      maxRunSeconds: config.max_run_seconds,
      stop,
    });
    return startControlPlane({
      config,
      configFile: options.config,
      environment: process.env,
      version: readVersion(),
      findDashboard,
      clock: systemClock,
      random: Math.random,
      kinds,
      log,
      onFatal,
      stop,
    });
  }, log);
  process.exitCode = how === 'asked' ? 0 : 69;
}
