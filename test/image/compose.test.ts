import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skipped } from '../kit/agent/agent-suite.ts';
import { ComposeProject, whyNoCompose } from '../kit/programs/compose-project.ts';
import { DockerEngine, whyNoEngine } from '../kit/ecs/docker-engine.ts';
import { eventually } from '../kit/eventually.ts';
import { Program, Workplace } from '../kit/programs/program.ts';

const BINARY = process.env['WIP_AGENT_BINARY'];
const ROOT = join(import.meta.dirname, '../..');
const skipReason =
  BINARY === undefined || !existsSync(join(ROOT, 'dist/image'))
    ? 'needs WIP_AGENT_BINARY and dist/image, which npm test -- --only binary makes'
    : (whyNoEngine('own') ?? whyNoCompose());

/** Goes on when the branch `go` is there. */
const WAITING_BUILD = `version: 1.3.0
events:
  build:
    steps:
      - wait:
          script:
            - echo "waiting for go"
            - until git ls-remote git://git/waits.git | grep -q refs/heads/go; do sleep 0.2; done
            - echo "went on"
`;

let engine: DockerEngine;
let compose: ComposeProject;

/** Runs a command in a container of the engine and returns its output. */
function inContainer(name: string, ...command: readonly string[]): string {
  return engine.docker('exec', name, ...command);
}

/** Makes a bare repository of these files on the git server in the network of the builds. */
function makeRepository(name: string, source: string): void {
  engine.docker('cp', source, `git:/srv/${name}`);
  const git = (...argv: string[]): string => inContainer('git', 'git', '-C', `/srv/${name}`, ...argv);
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.org', 'commit', '--quiet', '--message=first');
  inContainer('git', 'git', 'clone', '--quiet', '--bare', `/srv/${name}`, `/srv/${name}.git`);
}

function startGit(): void {
  const options = [
    '--detach',
    '--name=git',
    '--network=wip-builds',
    '--volume=/srv',
    '--entrypoint=/usr/bin/git',
    '--user=root',
  ];
  const serve = ['daemon', '--base-path=/srv', '--export-all', '--enable=receive-pack', '/srv'];
  engine.docker('run', ...options, 'wip-build', ...serve);
  inContainer('git', 'git', 'config', '--system', 'safe.directory', '*');
  makeRepository('sample', join(ROOT, 'config/sample-build'));
  const directory = mkdtempSync(join(tmpdir(), 'wip-compose-'));
  writeFileSync(join(directory, 'acquia-pipelines.yaml'), WAITING_BUILD);
  makeRepository('waits', directory);
  rmSync(directory, { recursive: true });
  inContainer('git', 'git', 'init', '--quiet', '--bare', '/srv/artefacts.git');
}

describe.skipIf(skipReason)(`docker/compose.yml${skipped(skipReason)}`, () => {
  beforeAll(async () => {
    engine = await DockerEngine.start('own');
    compose = new ComposeProject(engine);
    await compose.makeImages(BINARY ?? '');
    compose.run('up', '--detach', '--no-build');
    startGit();
    await eventually('the cluster of local ECS', () => {
      const state = engine.docker(
        'inspect',
        '--format={{.State.Status}} {{.State.ExitCode}}',
        compose.container('cluster'),
      );
      if (/^exited [^0]/.test(state)) throw new Error(engine.docker('logs', compose.container('cluster')));
      return state === 'exited 0';
    });
  });
  afterAll(async () => {
    try {
      // It is in the network of the builds, which goes too.
      engine.docker('rm', '--force', '--volumes', 'git');
      compose.run('down', '--volumes', '--timeout', '60');
      // Local ECS took the containers of builds with it.
      expect(engine.docker('ps', '--all', '--format={{.Names}}')).toBe('');
    } finally {
      await engine.close();
    }
  });

  it('is a file that docker-compose accepts as it stands', () => {
    expect(() => compose.run('config', '--quiet')).not.toThrow();
  });

  it('starts nodes that are not root, cannot write and are healthy, and publishes the dashboard on loopback', async () => {
    for (const name of ['node-1', 'node-2'].map((service) => compose.container(service))) {
      const format = '{{.State.Health.Status}} {{.HostConfig.ReadonlyRootfs}} {{.Config.User}}';
      expect(engine.docker('inspect', `--format=${format}`, name)).toBe('healthy true wip');
      expect(() => inContainer(name, 'touch', '/opt/wip/file')).toThrow(/Read-only file system/);
    }
    const page = 'fetch("http://127.0.0.1:8090/").then((answer) => answer.text()).then(console.log)';
    const [program, argv] = engine.inNetwork(process.execPath, '-e', page);
    expect(execFileSync(program, argv, { encoding: 'utf8' })).toContain('<title>');
  });

  it('has in the image of a node neither local ECS nor tests nor a database server, and says so', async () => {
    const list = `require('node:fs').readdirSync('/opt/wip', { recursive: true }).join('\\n')`;
    const run = ['run', '--rm', '--network=none', '--entrypoint=node', 'wip-controlplane', '--print', list];
    const files = engine.docker(...run).split('\n');
    const isUnwanted = (file: string): boolean =>
      /localecs|embedded.*postgres/.test(file) || (/\.test\./.test(file) && !file.startsWith('node_modules/'));
    const unwanted = files.filter(isUnwanted);
    expect(files.length).toBeGreaterThan(1_000);
    // The room that would start an embedded server is told by its absence that there is none.
    expect(unwanted).toEqual(['dist/controlplane/postgres/embedded-postgres.js']);
    const dev = await compose.wipctl('dev').ended;
    expect([dev.code, dev.err]).toEqual([69, expect.stringContaining('This wipctl has no local ECS')]);
  });

  it('runs a build in a container of its image and pushes the artefact, watched through the proxy', async () => {
    const build = ['--branch', 'main', '--deploy-uri', 'git://git/artefacts.git', '--watch'];
    const { code, out, err } = await compose.wipctl('run', 'git://git/sample.git', ...build).ended;
    expect(code, out + err).toBe(0);
    expect(out).toContain('ok 1 - text is escaped');
    expect(
      inContainer('git', 'git', '-C', '/srv/artefacts.git', 'ls-tree', '--name-only', 'pipelines-build-main'),
    ).toContain('public');
  });

  it('goes on with a build whose node is killed', async () => {
    const build = compose.wipctl('run', 'git://git/waits.git', '--branch', 'main', '--watch');
    await build.says('waiting for go');
    engine.docker('kill', compose.container('node-1'));
    inContainer('git', 'git', '-C', '/srv/waits.git', 'branch', 'go', 'main');
    const { code, out, err } = await build.ended;
    expect(code, out + err).toBe(0);
    expect(out).toContain('went on');
  });

  it('is not needed by wipctl dev, which runs builds in the same image', async () => {
    engine.docker('network', 'connect', 'bridge', 'git');
    const git = engine.docker('inspect', '--format={{.NetworkSettings.Networks.bridge.IPAddress}}', 'git');
    const place = new Workplace();
    const environment = { DOCKER_HOST: engine.host, WIP_SITE_CONFIG: join(ROOT, 'docker/compose.ecs.yml') };
    const wipctl = (...argv: readonly string[]): Program => {
      const [program, args] = engine.inNetwork(process.execPath, join(ROOT, 'controlplane/main.ts'), ...argv);
      return Program.startCommand(program, args, { cwd: place.directory, environment });
    };
    const dev = wipctl('dev', '--launcher', 'docker', '--port', '0');
    try {
      await dev.says(/Wip runs at http:\/\/172\.17\.0\.1:\d+/);
      const { code, out, err } = await wipctl('run', `git://${git}/sample.git`, '--branch', 'main', '--watch').ended;
      expect(code, out + err + dev.all).toBe(0);
      expect(out).toContain('ok 1 - text is escaped');
      dev.signal('SIGTERM');
      expect(await dev.ended).toMatchObject({ code: 0 });
    } finally {
      await dev.close();
      await place.remove();
    }
  });
});
