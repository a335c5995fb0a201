import type { ControlPlaneConfig } from '../config-fields.ts';
import type { LoadConfigOptions } from '../config.ts';
import { explainConfig } from '../explain-config.ts';
import type { EcsConfig, SettingsOf } from '../ecs/config/ecs-config.ts';
import type { ExplainedSetting } from '../ecs/config/explain-layers.ts';
import { hideSecrets } from '../ecs/config/hide-secrets.ts';

/** Paths of config.ecs.yml begin with this word, beside the settings of a node. */
const ECS_PREFIX = 'ecs.';

/** Returns every setting of a node and of its task definitions, with where each is from and without secrets. */
export function explainSettings(
  options: LoadConfigOptions,
  { config, ecsConfig }: { readonly config: ControlPlaneConfig; readonly ecsConfig: EcsConfig },
  of: SettingsOf = {},
): ExplainedSetting[] {
  const ofEcs = hideSecrets(ecsConfig.explain(of)).map((setting) => ({
    ...setting,
    path: `${ECS_PREFIX}${setting.path}`,
  }));
  return [...explainConfig(options, config), ...ofEcs];
}
