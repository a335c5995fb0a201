import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import type { ControlPlaneConfig } from '../config-fields.ts';
import { ecsConfigPaths } from '../config.ts';
import { environmentSource } from '../ecs/config/environment-source.ts';
import { parseYamlSource, type ConfigSource } from '../ecs/config/yaml-source.ts';

/**
 * Reads the layers of the ECS configuration in their order: the shipped file, the site's file, `WIP_ECS__…`. Throws
 * CONFIG_INVALID for a file that cannot be read.
 */
export function readEcsSources(
  config: ControlPlaneConfig,
  environment: Readonly<Record<string, string | undefined>>,
): ConfigSource[] {
  const { sources, failures } = inspectEcsSources(config, environment);
  if (failures[0]) throw failures[0];
  return sources;
}

/** The same without an exception: the sources that can be read, and why others cannot. */
export function inspectEcsSources(
  config: ControlPlaneConfig,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly sources: ConfigSource[]; readonly failures: readonly OperationalError[] } {
  const failures: OperationalError[] = [];
  const files = ecsConfigPaths(config, shippedEcsConfig()).flatMap(({ path, mustExist }) => {
    if (!mustExist && !existsSync(path)) return [];
    try {
      return [parseYamlSource(path, readFileSync(path, 'utf8'))];
    } catch (cause) {
      failures.push(cause instanceof OperationalError ? cause : unreadable(path, cause));
      return [];
    }
  });
  return { sources: [...files, environmentSource(environment)], failures };
}

function unreadable(path: string, cause: unknown): OperationalError {
  return new OperationalError('CONFIG_INVALID', {
    happened: `The ECS configuration ${path} cannot be read: ${messageOf(cause)}`,
    remedy: 'Make it readable, or name another file',
    cause,
  });
}

/** The file is beside the sources in a checkout, and one directory further up from dist/ in the published package. */
function shippedEcsConfig(): string {
  const candidates = ['../../config/config.ecs.yml', '../../../config/config.ecs.yml'];
  const paths = candidates.map((candidate) => fileURLToPath(new URL(candidate, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}
