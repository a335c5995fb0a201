import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { ecsConfigPaths, type ControlPlaneConfig } from '../config.ts';
import { environmentSource } from '../ecs/environment-source.ts';
import type { readEcsConfig } from '../ecs/ecs-config.ts';
import { parseYamlSource } from '../ecs/yaml-source.ts';

/**
 * Reads the layers of the ECS configuration in their order: the shipped file, the site's file, `WIP_ECS__…`. Throws
 * CONFIG_INVALID for a file that cannot be read.
 */
export function readEcsSources(
  config: ControlPlaneConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Parameters<typeof readEcsConfig>[0] {
  const files = ecsConfigPaths(config, shippedEcsConfig()).flatMap(({ path, mustExist }) => {
    if (!mustExist && !existsSync(path)) return [];
    try {
      return [parseYamlSource(path, readFileSync(path, 'utf8'))];
    } catch (cause) {
      if (cause instanceof OperationalError) throw cause;
      throw new OperationalError('CONFIG_INVALID', {
        happened: `The ECS configuration ${path} cannot be read: ${messageOf(cause)}`,
        remedy: 'Make it readable, or name another file',
        cause,
      });
    }
  });
  return [...files, environmentSource(environment)];
}

/** The file is beside the sources in a checkout, and one directory further up from dist/ in the published package. */
function shippedEcsConfig(): string {
  const candidates = ['../../config/config.ecs.yml', '../../../config/config.ecs.yml'];
  const paths = candidates.map((candidate) => fileURLToPath(new URL(candidate, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}
