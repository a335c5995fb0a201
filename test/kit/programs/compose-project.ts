import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { prepareBinaries } from '../../../controlplane/postgres/binaries.ts';
import type { DockerEngine } from '../ecs/docker-engine.ts';
import { lacking } from '../lacking.ts';
import { Program } from './program.ts';

const ROOT = join(import.meta.dirname, '../../..');
const STAND_INS = join(ROOT, 'test/image/stand-ins');
const COMPOSE = '/usr/bin/docker-compose';
const PROJECT = 'wip';
const NEEDED = { [COMPOSE]: 'docker-compose', '/usr/sbin/nginx': 'nginx' };

/** What a Debian-slim image has of what the image of the control plane needs. */
const SLIM = [
  'base-files',
  'base-passwd',
  'coreutils',
  'dash',
  'libc-bin',
  'libstdc++6',
  'login',
  'passwd',
  'util-linux',
];

/** Returns why docker/compose.yml cannot be started here, or undefined. */
export function whyNoCompose(): string | undefined {
  const missing = Object.entries(NEEDED).flatMap(([program, pkg]) => (existsSync(program) ? [] : [pkg]));
  return lacking('compose', missing.length === 0, missing.join(' '));
}

/** The services of docker/compose.yml, as docker-compose starts them from that very file. */
export class ComposeProject {
  readonly #engine: DockerEngine;

  constructor(engine: DockerEngine) {
    this.#engine = engine;
  }

  /** Makes the images of the file from this machine; what is not ours gets a stand-in under its name. */
  async makeImages(agentBinary: string): Promise<void> {
    const engine = this.#engine;
    engine.importBase('base');
    engine.importBase('slim', SLIM);
    engine.importBase('with-perl', [...SLIM, 'perl-base']);
    engine.importBase('nginx:1.28-bookworm', [...SLIM, 'nginx']);
    const checkout = (path: string): [string, string] => [path, join(ROOT, path)];
    const agent = ['docker/agent.Dockerfile', 'config/config.ini'].map(checkout);
    engine.build(
      'wip-build:latest',
      'docker/agent.Dockerfile',
      { ...Object.fromEntries(agent), 'dist/wip-agent': agentBinary },
      'base',
    );
    const node = Object.fromEntries(['docker/controlplane.Dockerfile', 'dist/image'].map(checkout));
    engine.build('wip-controlplane', 'docker/controlplane.Dockerfile', node, 'slim');
    engine.build('wip-local-ecs', 'docker/controlplane.Dockerfile', node, 'slim', ['--target=local-ecs']);
    await this.#makePostgres();
  }

  async #makePostgres(): Promise<void> {
    const { initdb } = await prepareBinaries(`linux-${process.arch}`, { uid: 65534, gid: 65534 });
    const files = {
      Dockerfile: join(STAND_INS, 'postgres.Dockerfile'),
      native: join(initdb, '../..'),
      start: join(STAND_INS, 'start-postgres.sh'),
      pg_isready: join(STAND_INS, 'pg_isready.pl'),
    };
    this.#engine.build('postgres:17-bookworm', 'Dockerfile', files, 'with-perl');
  }

  get #environment(): Record<string, string> {
    return {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: '/nonexistent',
      DOCKER_HOST: this.#engine.host,
      DOCKER_SOCKET: this.#engine.socketPath,
    };
  }

  #argv(argv: readonly string[]): string[] {
    return ['--project-name', PROJECT, '--file', join(ROOT, 'docker/compose.yml'), ...argv];
  }

  /** Runs docker-compose to its end and returns its output. */
  run(...argv: readonly string[]): string {
    return execFileSync(COMPOSE, this.#argv(argv), {
      env: this.#environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Starts wipctl as the file's service of that name. */
  wipctl(...argv: readonly string[]): Program {
    const environment = this.#environment;
    return Program.startCommand(COMPOSE, this.#argv(['run', '--rm', '-T', 'wipctl', ...argv]), { environment });
  }

  /** Returns the name of a service's container. */
  container(service: string): string {
    return `${PROJECT}_${service}_1`;
  }
}
