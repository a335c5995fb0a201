import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inspectConfig } from '../../../controlplane/config.ts';
import { CONTROL_PLANE_FIELDS } from '../../../controlplane/config-fields.ts';
import { findUnknownVariables } from '../../../controlplane/known-variables.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Every variable of Wip that a program, a script, an image or a template names. */
function namesInSources(): string[] {
  const files = ['agent', 'controlplane', 'shared', 'config', 'docker', 'test/kit', 'test/testkit'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && !/\.(md|png|wasm)$/.test(entry.name) && !entry.parentPath.includes('node_modules'),
      )
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const names = files.flatMap((file) => readFileSync(file, 'utf8').match(/\bWIP_[A-Z0-9_]*[A-Z0-9]\b(?!\$)/g) ?? []);
  return [...new Set(names)];
}

const unknown = (...names: string[]): string[] =>
  findUnknownVariables(Object.fromEntries(names.map((name) => [name, 'x']))).map((text) => text.split(':')[0] ?? '');

describe('the variables of Wip', () => {
  it('are known, wherever one is read or set', () => {
    const names = namesInSources();
    expect(names.length).toBeGreaterThan(40);
    expect(unknown(...names)).toEqual([]);
  });

  it('are all settings, also as files, and what other programs set by the name of a service', () => {
    expect(unknown(...Object.keys(CONTROL_PLANE_FIELDS).map((name) => `WIP_${name.toUpperCase()}`))).toEqual([]);
    expect(unknown('WIP_MASTER_KEY_FILE', 'WIP_ECS__default__cpu', 'WIP_SECURE_VAR_MINE')).toEqual([]);
    expect(
      unknown('WIP_SERVICE_HOST', 'WIP_DB_SERVICE_PORT_SQL', 'WIP_PORT_8090_TCP_ADDR', 'WIP_DB_PORT_5432_TCP'),
    ).toEqual([]);
    expect(unknown('HOME', 'WIPE', 'MY_WIP_NOPE')).toEqual([]);
  });

  it('are those that Kubernetes sets of a service on the network of a node', () => {
    const web = {
      WIP_WEB_SERVICE_HOST: '10.0.0.7',
      WIP_WEB_SERVICE_PORT: '8090',
      WIP_WEB_PORT: 'tcp://10.0.0.7:8090',
      WIP_WEB_PORT_8090_TCP: 'tcp://10.0.0.7:8090',
      WIP_WEB_PORT_8090_TCP_PROTO: 'tcp',
      WIP_WEB_PORT_8090_TCP_PORT: '8090',
      WIP_WEB_PORT_8090_TCP_ADDR: '10.0.0.7',
    };
    expect(findUnknownVariables(web)).toEqual([]);
    const others = ['udp://10.0.0.7:53', 'sctp://10.0.0.7:9', 'tcp://[fd00::7]:8090'];
    for (const WIP_DNS_2_PORT of others) expect(findUnknownVariables({ WIP_DNS_2_PORT }), WIP_DNS_2_PORT).toEqual([]);
    expect(unknown('WIP_WEB_PORT')).toEqual(['WIP_WEB_PORT']);
    expect(findUnknownVariables({ WIP_LISTEN_PORT: '8090' })).toHaveLength(1);
  });

  it('are those that Docker sets of a linked container, its own variables among them', () => {
    const db = {
      WIP_DB_NAME: '/app/wip-db',
      WIP_DB_PORT: 'tcp://172.17.0.2:5432',
      WIP_DB_PORT_5432_TCP_PORT_START: '5432',
      WIP_DB_ENV_PG_MAJOR: '17',
      WIP_DB_ENV_OTHER_ENV_x: '1',
    };
    expect(findUnknownVariables(db)).toEqual([]);
    // Without the name of a container beside it, nobody but a person has set it.
    expect(findUnknownVariables({ WIP_DB_ENV_PG_MAJOR: '17' })).toHaveLength(1);
    expect(findUnknownVariables({ WIP_DB_NAME: 'wip', WIP_DB_ENV_PG_MAJOR: '17' })).toHaveLength(2);
  });

  it('of a service that is called wip leave the port of the node as it is', () => {
    const environment = { WIP_PORT: 'tcp://10.0.0.7:8090', WIP_NAME: '/app/wip', WIP_ENV_PATH: '/bin' };
    expect(findUnknownVariables(environment)).toEqual([]);
    expect(inspectConfig({ environment })).toMatchObject({ problems: [], config: { port: 8090 } });
    expect(inspectConfig({ environment: { WIP_PORT: 'tcp' } }).problems).toHaveLength(1);
  });

  it('that nothing reads are said with what is meant', () => {
    expect(findUnknownVariables({ WIP_REPOSITORY_HOST: 'github.com', WIP_LOG_LEVLE: 'info', WIP_EMPTY: '' })).toEqual([
      'WIP_REPOSITORY_HOST: there is no such setting; perhaps "WIP_REPOSITORY_HOSTS" is meant',
      'WIP_LOG_LEVLE: there is no such setting; perhaps "WIP_LOG_LEVEL" is meant',
    ]);
    expect(unknown('WIP_nope', 'WIP_MASTER_KEYFILE', 'WIP_')).toEqual(['WIP_nope', 'WIP_MASTER_KEYFILE', 'WIP_']);
  });
});
