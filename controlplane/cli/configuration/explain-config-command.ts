import { Command } from 'commander';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { Name } from '../../../shared/model/identifier.ts';
import { ClusterName } from '../../api/clusters/cluster-name.ts';
import { SettingView } from '../../api/configuration/configuration-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { textFor } from '../given-value.ts';
import { examplesText } from '../command-help.ts';
import { oneLine, paintFor, type Paint } from '../output/text.ts';
import { readSettings, type ConfigOptions } from './read-settings.ts';

interface ExplainOptions extends ConfigOptions {
  readonly kind?: string;
  readonly cluster?: string;
  readonly json?: boolean;
}

/** What `--json` prints. */
export const ConfigExplanation = z.object({ settings: z.array(SettingView) });

export function explainConfigCommand(context: CliContext): Command {
  return new Command('explain')
    .description(
      'Show every setting that a node started here would have, with the file and line or the variable it is from, and what ' +
        'that covers. No control plane is asked.',
    )
    .argument('[key]', 'one setting, or all that begin with it')
    .option('--config <file>', 'controlplane.yml (or WIP_CONFIG)')
    .option('--kind <kind>', 'of task definitions: what this kind of task has', textFor(Name))
    .option('--cluster <name>', 'of task definitions: what this cluster has', textFor(ClusterName))
    .option('--json', 'print JSON for programs')
    .addHelpText(
      'after',
      examplesText([
        'config explain lease_seconds',
        'config explain ecs.default.containerDefinitions.0',
        'config explain --kind Canary ecs --json',
      ]),
    )
    .action((key: string | undefined, options: ExplainOptions) => {
      const { kind, cluster } = options;
      const settings = readSettings(options, context, { kind, cluster }).filter(({ path }) => isAt(path, key));
      if (settings.length === 0) throw nothingAt(key ?? '');
      if (options.json) return writeJson(context, { settings });
      const paint = paintFor(context.out, context.environment);
      context.out.write(settings.map((setting) => textOf(setting, paint)).join(''));
    });
}

function isAt(path: string, key: string | undefined): boolean {
  return key === undefined || path === key || path.startsWith(`${key}.`);
}

function nothingAt(key: string): OperationalError {
  return new OperationalError('USAGE', {
    happened: `No setting is called "${key}", and none begins with it`,
    remedy: 'See all with "wipctl config explain"; those of task definitions begin with "ecs."',
  });
}

function textOf({ path, state, value, from, covers }: SettingView, paint: Paint): string {
  const what = state === 'removed' ? 'removed' : oneLine(JSON.stringify(value));
  const covered = covers.map((each) => `    covers ${oneLine(JSON.stringify(each.value))} of ${oneLine(each.from)}\n`);
  return `${paint('bold', oneLine(path))} = ${what}  ${paint('dim', oneLine(from))}\n${covered.join('')}`;
}
