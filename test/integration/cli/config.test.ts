import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { FARGATE_SITE } from '../../kit/ecs/shipped-ecs-config.ts';

/** A node in production does not start without one. */
const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

let cli: CommandLine;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wip-config-'));
  cli = new CommandLine();
  cli.cwd = directory;
  cli.environment['WIP_MASTER_KEY'] = MASTER_KEY;
});
afterEach(async () => {
  await cli.close();
  rmSync(directory, { recursive: true });
});

function write(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

/** Runs a command with the site file, and returns what it prints as JSON. */
async function json(...argv: string[]): Promise<Record<string, unknown>> {
  return JSON.parse((await cli.run(...argv, '--json')).out) as Record<string, unknown>;
}

const SITE = 'default:\n  containerDefinitions:\n    - image: build:7\n  volumes: null\n';

describe('wipctl config explain', () => {
  it('says which file, line or variable a setting is from, and what it covers', async () => {
    const file = write('controlplane.yml', 'mode: production\nlease_seconds: 40\n');
    cli.environment['WIP_LEASE_SECONDS'] = '50';
    expect((await cli.run('config', 'explain', 'lease_seconds', '--config', 'controlplane.yml')).out).toBe(
      `lease_seconds = 50  the variable WIP_LEASE_SECONDS\n    covers 40 of ${file} line 2\n`,
    );
    expect((await cli.run('config', 'explain', 'sweep_seconds')).out).toBe('sweep_seconds = 10  default\n');
  });

  it('explains task definitions, with what a site takes away', async () => {
    const site = write('site.yml', SITE);
    cli.environment['WIP_SITE_CONFIG'] = site;
    const { settings } = await json('config', 'explain', 'ecs.default');
    expect(settings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          path: 'ecs.default.containerDefinitions.0.image',
          value: 'build:7',
          from: `${site} line 3`,
          covers: [{ value: 'wip-build:latest', from: expect.stringMatching(/config\.ecs\.yml line \d+$/) }],
        }),
        expect.objectContaining({ path: 'ecs.default.volumes', state: 'removed', from: `${site} line 4` }),
      ]),
    );
    expect((await cli.run('config', 'explain', 'ecs.default.volumes')).out).toContain(`removed  ${site} line 4`);
  });

  it('shows no secret, wherever one stands', async () => {
    const variables = [
      { name: 'NPM_TOKEN', value: 'planted-1' },
      { name: 'REGION', value: 'eu' },
      { name: 'MIRROR', value: 'https://wip:planted-4@mirror.example' },
    ];
    Object.assign(cli.environment, {
      WIP_MASTER_KEY: 'planted-2',
      WIP_DATABASE_URL: 'postgres://wip:planted-3@db/wip?sslpassword=planted-5',
      WIP_HTTPS_PROXY: 'http://planted-6@proxy:3128',
      WIP_ECS__default__containerDefinitions__0__environment: JSON.stringify(variables),
    });
    const { out } = await cli.run('config', 'explain', '--json');
    expect(out).not.toContain('planted');
    expect(out).toContain('postgres://wip:hidden@db/wip?sslpassword=hidden');
    expect(out).toContain('https://wip:hidden@mirror.example');
    expect(out).toContain('"eu"');
  });

  it('refuses a key that there is not', async () => {
    const { exitCode, err } = await cli.run('config', 'explain', 'leese_seconds');
    expect([exitCode, err]).toEqual([2, expect.stringContaining('No setting is called "leese_seconds"')]);
  });
});

describe('wipctl config check', () => {
  it('exits with 0 when nothing is wrong', async () => {
    const { exitCode, out } = await cli.run('config', 'check');
    expect([exitCode, out]).toEqual([
      0,
      expect.stringContaining('The configuration is valid (checked against no cluster'),
    ]);
  });

  it('tells everything that is wrong at once, with file, line and path, and exits with 2', async () => {
    write('controlplane.yml', 'port: 8090\nlease_seconds: soon\nlog_levle: info\n');
    cli.environment['WIP_SITE_CONFIG'] = write('site.yml', 'default:\n  netwrkMode: x\n  cpu: 1\n');
    cli.environment['WIP_MODE'] = 'testing';
    const { exitCode, out } = await cli.run('config', 'check', '--config', 'controlplane.yml', '--json');
    const { isValid, problems } = JSON.parse(out) as { isValid: boolean; problems: string[] };
    expect([exitCode, isValid]).toEqual([2, false]);
    expect(problems).toEqual([
      expect.stringMatching(/^WIP_MODE: /),
      expect.stringMatching(/controlplane\.yml line 2: lease_seconds: /),
      expect.stringMatching(/controlplane\.yml line 3: unknown key log_levle/),
      expect.stringMatching(/site\.yml line 3, default\.cpu: /),
      expect.stringMatching(/site\.yml line 2, default\.netwrkMode is not known, did you mean networkMode\?/),
    ]);
  });

  it.each<[Record<string, string>, string]>([
    [{ WIP_MASTER_KEY: '' }, 'There is no master key, and production seals secrets with one'],
    [{ WIP_MASTER_KEY: ' ' }, 'The master key in WIP_MASTER_KEY has 0 bytes instead of 32'],
    [{ WIP_MASTER_KEY: 'abc' }, 'The master key in WIP_MASTER_KEY has 2 bytes instead of 32'],
    [{ WIP_MASTER_KEY: '', WIP_MASTER_KEY_FILE: '/nowhere/key' }, 'The master key file /nowhere/key cannot be used'],
    [{ WIP_MASTER_KEYS_OLD: 'aa,bb' }, 'The master key in WIP_MASTER_KEYS_OLD has 1 bytes instead of 32'],
    [{ WIP_MASTER_KEYS_OLD_FILE: '/nowhere/keys' }, 'The master key file /nowhere/keys cannot be used'],
    [{ WIP_ADMIN_TOKEN: 'short' }, 'The admin token in WIP_ADMIN_TOKEN cannot be used'],
    [{ WIP_ADMIN_TOKEN_FILE: '/nowhere/token' }, 'The admin token in /nowhere/token cannot be used'],
    [{ WIP_HOST: '256.1.1.1' }, 'WIP_HOST: a node cannot listen on that'],
    [{ WIP_HOST: 'http://x' }, 'WIP_HOST: a node cannot listen on that'],
    [
      { WIP_HOST: '192.0.2.7', WIP_ALLOW_HTTP: 'true' },
      'cannot listen on 192.0.2.7:8090: this machine has no such address',
    ],
    [{ WIP_PUBLIC_URL: 'http://x.example' }, 'Agents would report to http://x.example without encryption'],
    [{ WIP_PUBLIC_URL: 'https://u:secretpw@x.example' }, 'WIP_PUBLIC_URL: must be an address without user'],
    [{ WIP_PUBLIC_URL: 'https://x.example/?token=1' }, 'WIP_PUBLIC_URL: must be an address without user'],
    [{ WIP_PUBLIC_URL: 'https://x.example/#a' }, 'WIP_PUBLIC_URL: must be an address without user'],
    [{ WIP_PUBLIC_URL: 'ftp://x.example' }, 'WIP_PUBLIC_URL: must be an http or https address'],
    [{ WIP_HOOKS: 'github: [{}]' }, 'The webhooks of the setting hooks are not valid'],
    [{ WIP_PORT: 'abc' }, 'WIP_PORT: must be a whole number from 0 to 65535, not "abc"'],
    [{ WIP_PORT: '99999' }, 'WIP_PORT: must be a whole number from 0 to 65535, not "99999"'],
    [{ WIP_SWEEP_SECONDS: '', WIP_LEASE_SECONDS: '0' }, 'WIP_LEASE_SECONDS: must be a number from 1 to 600, not "0"'],
    [
      { WIP_REPOSITORY_HOST: 'github.com' },
      'WIP_REPOSITORY_HOST: there is no such setting; perhaps "WIP_REPOSITORY_HOSTS" is meant',
    ],
    [{ WIP_SOMETHING_ELSE: '1' }, 'WIP_SOMETHING_ELSE: there is no such setting'],
    [{ WIP_ECS_default__x: '1' }, 'WIP_ECS_default__x: there is no such setting'],
  ])('does not say "valid" of what "wipctl serve" ends for: %j', async (variables, said) => {
    cli.environment = { ...cli.environment, ...variables };
    const { exitCode, out } = await cli.run('config', 'check', '--json');
    const { problems } = JSON.parse(out) as { problems: string[] };
    expect([exitCode, problems]).toEqual([2, [expect.stringContaining(said)]]);
  });

  it('takes a port that is in use, as that of the node that is to be replaced', async () => {
    const holder = createServer();
    await once(holder.listen(0, '127.0.0.1'), 'listening');
    const address = holder.address();
    cli.environment['WIP_PORT'] = String(typeof address === 'object' ? address?.port : 0);
    const { exitCode } = await cli.run('config', 'check');
    await once(holder.close(), 'close');
    expect(exitCode).toBe(0);
  });

  // As root there is no such port, and in a container often for nobody.
  const canOpenEveryPort = (): boolean => {
    const code =
      "require('net').createServer().on('error', () => process.exit(1)).listen(81, '127.0.0.1', () => process.exit(0))";
    return spawnSync(process.execPath, ['-e', code]).status === 0;
  };
  it.skipIf(canOpenEveryPort())(
    'finds a port that an ordinary user may not open (skipped where this one may open all)',
    async () => {
      cli.environment['WIP_PORT'] = '81';
      const { exitCode, out } = await cli.run('config', 'check');
      expect([exitCode, out]).toEqual([2, expect.stringContaining('127.0.0.1:81: this user may not open that port')]);
    },
  );

  it('of a development system makes nothing, not even its key', async () => {
    cli.environment = {
      ...cli.environment,
      WIP_MASTER_KEY: '',
      WIP_MODE: 'development',
      WIP_DATA_DIR: join(directory, 'd'),
    };
    expect((await cli.run('config', 'check')).exitCode).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('goes on after a file that is no YAML', async () => {
    write('controlplane.yml', 'port: [');
    cli.environment['WIP_SITE_CONFIG'] = write('site.yml', 'default: [1\nb: 2');
    const { problems } = await json('config', 'check', '--config', 'controlplane.yml');
    expect(problems).toEqual([expect.stringContaining('controlplane.yml'), expect.stringContaining('site.yml line 2')]);
  });

  it.each(['garbage', 'db.example.org:5432/wip', 'mysql://db/wip', 'postgres:wip', 'http://db/wip'])(
    'finds that the database has no address: %j',
    async (address) => {
      cli.environment['WIP_DATABASE_URL'] = address;
      const { exitCode, out } = await cli.run('config', 'check');
      expect(exitCode).toBe(2);
      expect(out).toContain('WIP_DATABASE_URL: must be an address such as postgres://user:password@host:5432/name');
    },
  );

  it.each([
    'postgres://wip:p%40ss@db:5432/wip?sslmode=require',
    'postgresql://db/wip',
    'postgres:///wip?host=/var/run/postgresql',
    'postgres://%2Fvar%2Frun%2Fpostgresql/wip',
  ])('takes every address of a database: %s', async (address) => {
    cli.environment['WIP_DATABASE_URL'] = address;
    expect((await cli.run('config', 'check')).out).not.toContain('WIP_DATABASE_URL');
  });

  it('holds task definitions against launch settings, and says what to change', async () => {
    const fargate = '{"type":"fargate","subnets":["subnet-1"]}';
    const { exitCode, out } = await cli.run('config', 'check', '--launch', fargate);
    expect(exitCode).toBe(2);
    expect(out).toMatch(/config\.ecs\.yml line \d+, networkMode: Fargate only .*Set networkMode to awsvpc\./);
    cli.environment['WIP_SITE_CONFIG'] = write('site.yml', `default:${FARGATE_SITE}`);
    expect((await cli.run('config', 'check', '--launch', fargate)).exitCode).toBe(0);
  });

  it('takes a type of launch as one word', async () => {
    expect((await cli.run('config', 'check', '--launch', 'ec2')).exitCode).toBe(0);
  });

  it('holds them against the clusters of the control plane that is named', async () => {
    await cli.listen();
    const launch = JSON.stringify({ type: 'fargate', subnets: ['subnet-1'] });
    await cli.run('clusters', 'save', 'big', '--region', 'r', '--cluster', 'c', '--launch', launch);
    const { clusters, problems } = await json('config', 'check');
    expect(clusters).toEqual(['big']);
    expect(problems).toContainEqual(expect.stringMatching(/^Cluster big: .*sourcePath/));
  });
});

describe('wipctl config diff', () => {
  beforeEach(() => cli.listen());

  it('says what the running node was started with and what is here, and exits with 1 when that differs', async () => {
    cli.services.settings = (await json('config', 'explain'))['settings'] as typeof cli.services.settings;
    expect(await cli.run('config', 'diff')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('node-a runs with'),
    });
    cli.environment['WIP_LEASE_SECONDS'] = '50';
    cli.environment['WIP_SITE_CONFIG'] = write('site.yml', SITE);
    const { exitCode, out } = await cli.run('config', 'diff');
    expect(exitCode).toBe(1);
    expect(out).toContain('lease_seconds\n  - 30  (default)\n  + 50  (the variable WIP_LEASE_SECONDS)\n');
    expect(out).toMatch(/image\n {2}- "wip-build:latest" .*\n {2}\+ "build:7" .*site\.yml line 3\)\n/);
    const { differences } = await json('config', 'diff');
    expect(differences).toContainEqual({
      path: 'ecs.default.volumes.0.name',
      running: expect.objectContaining({ value: 'pipelines_config' }),
      here: null,
    });
  });

  it('has JSON Schemas of what it prints', async () => {
    for (const command of ['explain', 'check', 'diff']) {
      const { out } = await cli.run('config', command, '--json-schema');
      expect(JSON.parse(out)).toMatchObject({ type: 'object', properties: expect.any(Object) });
    }
  });
});
