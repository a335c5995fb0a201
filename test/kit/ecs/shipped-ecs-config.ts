import { readFileSync } from 'node:fs';
import { readEcsConfig, type EcsConfig } from '../../../controlplane/ecs/config/ecs-config.ts';
import { parseYamlSource, type ConfigSource } from '../../../controlplane/ecs/config/yaml-source.ts';

const SHIPPED = readFileSync(new URL('../../../config/config.ecs.yml', import.meta.url), 'utf8');

/** What a site says so that the shipped definition fits Fargate. */
export const FARGATE_SITE = `
  networkMode: awsvpc
  cpu: "1024"
  memory: "4096"
  volumes: []
  containerDefinitions:
    - mountPoints: []
      portMappings: [{ hostPort: null }, { hostPort: null }]
`;

function shippedSource(): ConfigSource {
  return parseYamlSource('config.ecs.yml', SHIPPED);
}

/** Returns the configuration that is shipped, with a site file over it. */
export function shippedEcsConfig(site = ''): EcsConfig {
  return readEcsConfig([shippedSource(), parseYamlSource('site.yml', site)]);
}
