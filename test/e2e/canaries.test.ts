import { ECSClient, DescribeTasksCommand, ListTasksCommand } from '@aws-sdk/client-ecs';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS } from '../../controlplane/api/http/access.ts';
import { sdkOptions } from '../../controlplane/ecs/client/sdk-options.ts';
import { EcsClusterStore } from '../../controlplane/store/clusters/ecs-cluster-store.ts';
import { openDatabase } from '../../controlplane/store/database.ts';
import { Secret } from '../../shared/keys/secret.ts';
import {
  canariesIn,
  canariesInFiles,
  canariesInProcesses,
  canaryOf,
  createCanary,
  createKeyCanary,
} from '../kit/kinds/canaries.ts';
import { DevSystem } from '../kit/programs/dev-system.ts';
import { eventually } from '../kit/eventually.ts';
import { git, makeBareRepository, makeRepository } from '../kit/builds/git-place.ts';
import { Workplace } from '../kit/programs/program.ts';

const masterKey = randomBytes(32);
/** Planted in every place that takes a secret. */
const CANARIES = {
  masterKey: canaryOf(masterKey.toString('base64')),
  statsKey: createCanary(),
  clusterSecret: createCanary(),
  clusterToken: createCanary(),
  secureValue: createCanary(),
  buildFileKey: createKeyCanary(),
  applicationKey: createKeyCanary(),
  deployKey: createKeyCanary(),
  environmentVariable: createCanary(),
  authToken: createCanary(),
  pipelineApiKey: createCanary(),
  pipelineApiSecret: canaryOf(randomBytes(32).toString('base64')),
};
const OF_THE_NODE = ['masterKey', 'statsKey'];
/** What a build is given to use, and so stands in the environment of its processes. */
const OF_THE_BUILD = ['secureValue', 'buildFileKey', 'environmentVariable', 'authToken'];

let place: Workplace;
let dev: DevSystem;
const printed: string[] = [];

async function startNode(port = '0'): Promise<void> {
  dev = await DevSystem.start(place, {
    port,
    environment: {
      WIP_MASTER_KEY: masterKey.toString('base64'),
      WIP_PIPELINES_STATS_KEY: CANARIES.statsKey.value,
      WIP_LOG_LEVEL: 'trace',
    },
  });
}

beforeAll(async () => {
  place = new Workplace();
  await startNode();
});
afterAll(async () => {
  await dev.close();
  await place.becomesQuiet();
  await place.remove();
});

async function ask(method: string, path: string, body?: object): Promise<string> {
  const { url, token } = dev.access;
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
  const answer = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return answer.text();
}

/** A repository whose build uses every secret it is given, and then runs the command. */
async function makeSource(name: string, command: string): Promise<string> {
  const [value, key] = await Promise.all([
    dev.client.seal(CANARIES.secureValue.value),
    dev.client.seal(CANARIES.buildFileKey.value),
  ]);
  const lines = [
    'version: 1.3.0',
    'variables:',
    '  global:',
    '    FROM_FILE:',
    `      secure: ${value}`,
    'ssh-keys:',
    '  modules:',
    `    secure: ${key}`,
    'events:',
    '  build:',
    '    steps:',
    '      - use:',
    '          script:',
    '            - printf "%s\\n" "$FROM_FILE" "$FROM_OPTION" "$PIPELINES_JOB_AUTH_TOKEN" >&2',
    '            - env | sort',
    `            - ${JSON.stringify(command)}`,
    '',
  ];
  return makeRepository(place.path(name), { 'acquia-pipelines.yaml': lines.join('\n'), 'index.html': 'a site\n' });
}

async function addBuild(source: string, deployVcsUri?: string): Promise<number> {
  const { id } = await dev.client.addTask({
    kind: 'BuildSteps',
    options: {
      sourceVcsUri: source,
      vcsPath: 'main',
      ...(deployVcsUri !== undefined && { deployVcsUri }),
      applicationPrivateKey: CANARIES.applicationKey.value,
      deployPrivateKey: CANARIES.deployKey.value,
      environmentVariables: { FROM_OPTION: CANARIES.environmentVariable.value },
      authToken: CANARIES.authToken.value,
      pipelineId: 'pipeline-1',
      // Nobody listens there, so its reports wait in the database.
      pipelineEndpoint: 'http://127.0.0.1:9',
      pipelineJobId: 'job-1',
      pipelineApiKey: CANARIES.pipelineApiKey.value,
      pipelineApiSecret: CANARIES.pipelineApiSecret.value,
    },
  });
  return id;
}

/** Of each process its parents, the first process last. */
function ancestorsOf(pid: number): number[] {
  const parents: number[] = [];
  for (let at = pid; at > 1 && parents.length < 64;) {
    try {
      at = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${at}/stat`, 'utf8'))?.[1] ?? 0);
    } catch {
      break; // It has ended meanwhile.
    }
    parents.push(at);
  }
  return parents;
}

const commandLine = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
};

/**
 * The node knows its own keys, and below an agent the build knows what it was given; nobody else knows anything. Each
 * stranger is named with its parents, because who it belongs to is what has to be found out.
 */
function strangersWithCanaries(): string[] {
  const parentsOf = new Map<number, readonly string[]>();
  const strangers = canariesInProcesses(CANARIES, (pid) => {
    const parents = ancestorsOf(pid).map(commandLine);
    parentsOf.set(pid, parents);
    const isBelowAgent = parents.some((parent) => /(agent\/main\.ts|wip-agent(\.cjs)?) run$/.test(parent));
    const known = pid === dev.program.child.pid ? OF_THE_NODE : isBelowAgent ? OF_THE_BUILD : [];
    return ({ place: where, name }) => where === 'environ' && known.includes(name);
  });
  return strangers.map((line) => [line, ...(parentsOf.get(Number.parseInt(line, 10)) ?? [])].join(' < '));
}

async function describedTasks(): Promise<string> {
  const { db, close } = openDatabase(dev.databaseUrl, { poolSize: 1 });
  const cluster = await new EcsClusterStore(db, new Secret(masterKey)).load('default');
  await close();
  const { secretAccessKey, accessKeyId, region, endpoint } = cluster;
  const credentials = { accessKeyId: accessKeyId ?? '', secretAccessKey: secretAccessKey?.reveal() ?? '' };
  const ecs = new ECSClient(
    sdkOptions('ecs', { cluster: { region, endpoint } as never, credentials, proxy: { url: null, except: '' } }),
  );
  const lists = await Promise.all(
    (['RUNNING', 'STOPPED'] as const).map((desiredStatus) =>
      ecs.send(new ListTasksCommand({ cluster: 'default', desiredStatus })),
    ),
  );
  const tasks = lists.flatMap(({ taskArns = [] }) => taskArns);
  const { tasks: described = [] } = await ecs.send(
    new DescribeTasksCommand({ cluster: 'default', tasks, include: ['TAGS'] }),
  );
  ecs.destroy();
  expect(JSON.stringify(described)).toContain('WIP_ENROL');
  return JSON.stringify(described);
}

/** Everything that the API answers an administrator, of these tasks and of the installation. */
async function answersOf(ids: readonly number[]): Promise<string> {
  const paths = Object.keys(ACCESS)
    .filter((route) => route.startsWith('GET ') && !/:name|stream$|doctor/.test(route))
    .flatMap((route) => {
      const path = route.slice('GET '.length);
      if (path.endsWith('/output')) {
        return ids.flatMap((id) =>
          ['stdout', 'stderr'].map((stream) => `${path.replace(':id', String(id))}?stream=${stream}`),
        );
      }
      return path.includes(':id') ? ids.map((id) => path.replace(':id', String(id))) : [path];
    });
  const streams = await Promise.all(ids.map(async (id) => (await dev.wipctl('logs', String(id), '-f')).out));
  return (await Promise.all(paths.map((path) => ask('GET', path)))).join('\n') + streams.join('\n');
}

async function placesAfter(ids: readonly number[], artefact: string): Promise<Record<string, string>> {
  return {
    'the database': await dev.dump(),
    'what the nodes printed': [...printed, dev.program.all].join('\n'),
    'the answers of the API': await answersOf(ids),
    'the metrics': await (await fetch(`${dev.access.url}/metrics`)).text(),
    DescribeTasks: await describedTasks(),
    'the artefact': git(artefact, 'cat-file', '--batch-all-objects', '--batch', '--unordered'),
  };
}

describe('secrets planted in every place that takes one', () => {
  it('are in no process that need not have them, and nowhere after a build, a failed one, and a killed node', async () => {
    await ask('PUT', '/v1/clusters/other', {
      region: 'eu-central-1',
      cluster: 'builds',
      accessKeyId: 'AKIA0000',
      secretAccessKey: CANARIES.clusterSecret.value,
      sessionToken: CANARIES.clusterToken.value,
      launch: { type: 'ec2' },
    });
    const artefact = makeBareRepository(place.path('artefact.git'));
    const succeeded = await addBuild(await makeSource('good', 'touch built'), artefact);
    expect(await dev.finished(succeeded)).toMatchObject({ exitStatus: 'COMPLETED' });
    const failed = await addBuild(await makeSource('bad', 'exit 9'));
    expect(await dev.finished(failed)).toMatchObject({ exitStatus: 'ERROR_USER', cause: 'build-failed' });

    const go = place.path('go');
    const killed = await addBuild(await makeSource('long', `while [ ! -e ${go} ]; do sleep 0.1; done`), artefact);
    await eventually(
      'the step',
      async () => (await ask('GET', `/v1/tasks/${killed}/output?stream=stdout`)).includes('FROM_OPTION='),
      60_000,
    );
    expect(strangersWithCanaries()).toEqual([]);

    const { port } = new URL(dev.access.url);
    dev.program.signal('SIGKILL');
    await dev.program.ended;
    printed.push(dev.program.all);
    expect(strangersWithCanaries()).toEqual([]);
    await startNode(port);
    writeFileSync(go, '');
    expect(await dev.finished(killed)).toMatchObject({ exitStatus: 'COMPLETED' });

    expect(strangersWithCanaries()).toEqual([]);
    for (const [where, text] of Object.entries(await placesAfter([succeeded, failed, killed], artefact))) {
      expect(text.length, where).toBeGreaterThan(100);
      expect(canariesIn(text, CANARIES), where).toEqual([]);
    }
    await eventually(
      'the end of the containers',
      () => !canariesInFiles(place.path('.wip'), CANARIES).some((file) => file.includes('/home/')),
      30_000,
    );
    expect(canariesInFiles(place.directory, CANARIES)).toEqual([]);
    // What was looked for would have been found: the secrets reached the build.
    const output = await ask('GET', `/v1/tasks/${killed}/output?stream=stderr`);
    expect(output).toContain('*'.repeat(CANARIES.environmentVariable.value.length));
    expect(output).toContain('*'.repeat(CANARIES.authToken.value.length));
  });
});
