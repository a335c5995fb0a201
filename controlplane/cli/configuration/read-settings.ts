import { resolve } from 'node:path';
import { readEcsSources } from '../../clusters/ecs-sources.ts';
import { explainSettings } from '../../clusters/effective-settings.ts';
import { loadConfig, type LoadConfigOptions } from '../../config.ts';
import { readEcsConfig, type SettingsOf } from '../../ecs/config/ecs-config.ts';
import type { ExplainedSetting } from '../../ecs/config/explain-layers.ts';
import type { CliContext } from '../cli-context.ts';

export interface ConfigOptions {
  readonly config?: string;
}

/** Returns the sources of settings that a node would read if it were started here with `--config`. */
export function configSource(options: ConfigOptions, context: CliContext): LoadConfigOptions {
  const named = options.config ?? context.environment['WIP_CONFIG'];
  return { environment: context.environment, ...(named ? { file: resolve(context.cwd, named) } : {}) };
}

/** Returns every setting of such a node. Throws CONFIG_INVALID. */
export function readSettings(
  options: ConfigOptions,
  context: CliContext,
  of?: SettingsOf,
): readonly ExplainedSetting[] {
  const source = configSource(options, context);
  const config = loadConfig(source);
  return explainSettings(source, { config, ecsConfig: readEcsConfig(readEcsSources(config, context.environment)) }, of);
}
