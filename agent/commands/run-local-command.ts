import { assertNever } from '../../shared/model/assert-never.ts';
import { OperationalError } from '../../shared/model/error.ts';
import { readConfig } from '../config/agent-config.ts';
import { EX_CONFIG, EX_USAGE } from '../lifecycle/exit-codes.ts';
import { askHealth, printStatus } from './agent-status.ts';
import type { LocalCommand } from './arguments.ts';
import { checkConfig } from './check-config.ts';
import type { CommandDeps } from './command-deps.ts';
import { COMMAND_HELP, USAGE } from './help.ts';
import { measureBaseline } from './measure-baseline.ts';

const EX_FAILED = 1;

/** Runs a command that ends at once. Returns the exit code. */
export async function runLocalCommand(command: LocalCommand, deps: CommandDeps): Promise<number> {
  try {
    return await run(command, deps);
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    deps.writeError(`${error.code}: ${error.message}\n`);
    if (error.code === 'USAGE') return EX_USAGE;
    return error.code === 'CONFIG_INVALID' ? EX_CONFIG : EX_FAILED;
  }
}

async function run(command: LocalCommand, deps: CommandDeps): Promise<number> {
  switch (command.kind) {
    case 'help':
      deps.write(command.command === undefined ? USAGE : COMMAND_HELP[command.command]);
      return 0;
    case 'usage-error':
      throw command.error;
    case 'check-config':
      return checkConfig(readConfig(deps.environment, command.configFile), deps);
    case 'baseline':
      return measureBaseline(deps, command.writeFile);
    case 'health': {
      const health = await askHealth(readConfig(deps.environment, command.configFile).socketPath);
      deps.write(`${health.phase}\n`);
      return health.phase === 'ready' ? 0 : EX_FAILED;
    }
    case 'status':
      printStatus(await askHealth(readConfig(deps.environment, command.configFile).socketPath), deps);
      return 0;
    default:
      return assertNever(command);
  }
}
