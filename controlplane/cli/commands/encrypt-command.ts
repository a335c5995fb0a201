import type { Command } from 'commander';
import { OperationalError } from '../../../shared/model/error.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connect, type ClientOptions } from './client-command.ts';

export function encryptCommand(context: CliContext): Command {
  return clientCommand(
    'encrypt',
    'Encrypt a value for builds on this control plane; put the output after "secure:" in the build file.',
    ['encrypt < deploy-key', "encrypt 'a value that other users of this machine may see'"],
  )
    .argument('[value]', 'the value (default: standard input, without a line break at its end)')
    .action(async (given: string | undefined, options: ClientOptions) => {
      const value = given ?? (await context.readInput()).replace(/\r?\n$/, '');
      if (value === '') {
        throw new OperationalError('USAGE', {
          happened: 'The value to encrypt is empty',
          remedy: 'Give it on standard input or as an argument',
        });
      }
      const secure = await connect(options, context).seal(value);
      if (options.json) return writeJson(context, { secure });
      context.out.write(`${secure}\n`);
    });
}
