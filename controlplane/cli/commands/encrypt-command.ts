import type { Command } from 'commander';
import { OperationalError } from '../../../shared/model/error.ts';
import type { CliWorld } from '../cli-context.ts';
import { clientCommand, connect, writeJson, type ClientOptions } from './client-command.ts';

export function encryptCommand(world: CliWorld): Command {
  return clientCommand(
    'encrypt',
    'Seal a value that only builds on this control plane can open; what is printed goes behind "secure:".',
    ['encrypt < deploy-key', "encrypt 'a value that other users of this machine may see'"],
  )
    .argument('[value]', 'the value (default: standard input, without a line break at its end)')
    .action(async (given: string | undefined, options: ClientOptions) => {
      const value = given ?? (await world.readInput()).replace(/\r?\n$/, '');
      if (value === '') {
        throw new OperationalError('USAGE', {
          happened: 'There is nothing to seal: the value is empty',
          remedy: 'Give it on standard input or as an argument',
        });
      }
      const secure = await connect(options, world).seal(value);
      if (options.json) return writeJson(world, { secure });
      world.out.write(`${secure}\n`);
    });
}
