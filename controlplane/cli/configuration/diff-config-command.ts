import { z } from 'zod';
import type { Command } from 'commander';
import { SettingView } from '../../api/configuration/configuration-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connectOperator, type ClientOptions } from '../commands/client-command.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { oneLine, paintFor } from '../output/text.ts';
import { readSettings, type ConfigOptions } from './read-settings.ts';

interface DiffOptions extends ClientOptions, ConfigOptions {}

const Side = z.object({ value: z.unknown(), from: z.string() }).nullable();
const Difference = z.object({ path: z.string(), running: Side, here: Side });
type Difference = z.infer<typeof Difference>;

/** What `--json` prints. */
export const ConfigDifferences = z.object({ node: z.string(), version: z.string(), differences: z.array(Difference) });

export function diffConfigCommand(context: CliContext): Command {
  return clientCommand(
    'diff',
    'Compare what a node started here would have with what the running one was started with. Exits with 1 when they differ.',
    ['config diff --config /etc/wip/controlplane.yml', 'config diff --json | jq ".differences[].path"'],
  )
    .option('--config <file>', 'controlplane.yml (or WIP_CONFIG)')
    .action(async (options: DiffOptions) => {
      const here = readSettings(options, context);
      const { node, version, settings } = await connectOperator(options, context).readConfiguration();
      const differences = differencesOf(settings, here);
      if (differences.length > 0) context.setExitCode(EXIT_CODE.CHECK_FAILED);
      if (options.json) return writeJson(context, { node, version, differences });
      if (differences.length === 0) return context.out.write(`${oneLine(node)} runs with what is configured here.\n`);
      const paint = paintFor(context.out, context.environment);
      const lines = differences.flatMap(({ path, running, here: local }) => [
        paint('bold', oneLine(path)),
        ...(running ? [paint('red', `  - ${shown(running)}`)] : []),
        ...(local ? [paint('green', `  + ${shown(local)}`)] : []),
      ]);
      context.out.write(`- ${oneLine(node)} runs with, + is configured here\n${lines.join('\n')}\n`);
    });
}

function shown({ value, from }: NonNullable<Difference['running']>): string {
  return `${oneLine(JSON.stringify(value))}  (${oneLine(from)})`;
}

/**
 * Returns the settings that differ. Defaults that are computed, such as the name of the process, are left out: they differ
 * without any configuration.
 */
function differencesOf(running: readonly SettingView[], here: readonly SettingView[]): Difference[] {
  const [old, now] = [effective(running), effective(here)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((path) => {
    const [before, after] = [old.get(path) ?? null, now.get(path) ?? null];
    if (JSON.stringify(before?.value) === JSON.stringify(after?.value)) return [];
    if (before?.from === 'default' && after?.from === 'default') return [];
    return [{ path, running: before, here: after }];
  });
}

function effective(settings: readonly SettingView[]): Map<string, { value: unknown; from: string }> {
  const set = settings.filter(({ state }) => state === 'set');
  return new Map(set.map(({ path, value, from }) => [path, { value, from }]));
}
