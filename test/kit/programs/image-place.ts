import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentPlace } from '../agent/agent-place.ts';
import type { DockerEngine } from '../ecs/docker-engine.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TOLD = ['SIGNAL_URL', 'SIGNAL_BODY', 'WIP_ENROL_URL', 'WIP_ENROL', 'WORKLOAD_MAX_DISK'];
let count = 0;

/** A container of the image on this machine's network, where the control plane of the test listens. */
export function createImagePlace(engine: DockerEngine, image: string): AgentPlace {
  const name = `wip-image-${(count += 1)}`;
  const initPid = (): number => Number(engine.docker('inspect', '--format', '{{.State.Pid}}', name));
  return {
    environment: { DOCKER_HOST: engine.host },
    command: () => {
      const told = TOLD.flatMap((variable) => ['--env', variable]);
      return ['/usr/bin/docker', 'run', '--rm', '--name', name, '--network=host', ...told, image];
    },
    started: () => undefined,
    outside: (path) => `/proc/${initPid()}/root${path}`,
    agentPid: initPid,
    remove: () => undefined,
  };
}

/** Builds docker/agent.Dockerfile on this base, with this binary. */
export function buildAgentImage(engine: DockerEngine, image: { tag: string; base: string; binary: string }): void {
  const place = mkdtempSync(join(tmpdir(), 'wip-image-'));
  try {
    // Port 22 may be this machine's own; everything else is as shipped.
    const config = join(place, 'config.ini');
    const shipped = readFileSync(join(ROOT, 'config/config.ini'), 'utf8');
    writeFileSync(config, shipped.replace(/^port .*$/m, 'port = 0'));
    const files = {
      'docker/agent.Dockerfile': join(ROOT, 'docker/agent.Dockerfile'),
      'config/config.ini': config,
      'dist/wip-agent': image.binary,
    };
    engine.build(image.tag, 'docker/agent.Dockerfile', files, image.base);
  } finally {
    rmSync(place, { recursive: true });
  }
}
