import { existsSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import {
  DescribeClustersCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import { Secret } from '../../../shared/keys/secret.ts';
import { problemOfJson } from '../../kit/problem-of-json.ts';
import { eventually } from '../../kit/eventually.ts';
import { openSdk, type EcsAccess } from '../../kit/ecs/local-ecs.ts';
import { CHECKOUT, useWorkplace, type Program, type Workplace } from '../../kit/programs/program.ts';

const SCRIPT = `${CHECKOUT}/controlplane/main.ts`;
const SLEEP = ['--entrypoint', 'exec sleep 600'];
const Started = z.object({
  endpoint: z.string(),
  region: z.string(),
  clusters: z.array(z.string()),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
});

function start(place: Workplace, ...args: string[]): Program {
  return place.start(SCRIPT, ['ecs', 'local', '--port', '0', '--dir', place.path('ecs'), ...args]);
}

async function startJson(place: Workplace, ...args: string[]): Promise<{ program: Program; access: EcsAccess }> {
  const program = start(place, '--json', ...args);
  await program.says('}\n');
  expect(problemOfJson(['ecs', 'local'], program.out)).toBeNull();
  const { endpoint, accessKeyId, secretAccessKey } = Started.parse(JSON.parse(program.out));
  return { program, access: { endpoint, accessKey: { accessKeyId, secretAccessKey: new Secret(secretAccessKey) } } };
}

async function runOne(access: EcsAccess): Promise<string> {
  const sdk = openSdk(access);
  const containerDefinitions = [{ name: 'build', image: 'none', memory: 64, stopTimeout: 2 }];
  await sdk.send(new RegisterTaskDefinitionCommand({ family: 'one', containerDefinitions }));
  const { tasks = [], failures = [] } = await sdk.send(new RunTaskCommand({ taskDefinition: 'one' }));
  expect(failures).toEqual([]);
  const arn = tasks[0]?.taskArn ?? '';
  await eventually('the container runs', async () => {
    const { tasks: described } = await sdk.send(new DescribeTasksCommand({ tasks: [arn] }));
    return described?.[0]?.lastStatus === 'RUNNING';
  });
  sdk.destroy();
  return arn;
}

it('says how to reach it, runs what it is told to, and leaves nothing behind when it is asked to end', async () => {
  const place = useWorkplace();
  const program = start(place, ...SLEEP);
  await program.says('Ctrl-C ends it.');
  expect(program.out).toMatch(/^Local ECS listens at http:\/\/127\.0\.0\.1:\d+, its data is in /);
  expect(program.out).toMatch(/ {2}aws --endpoint-url http:\/\/127\.0\.0\.1:\d+ --region local ecs list-tasks/);
  expect(program.out).toContain('wipctl clusters save local --region local --cluster default --endpoint http://');
  const [, accessKeyId = '', secret = ''] = /KEY_ID=(\w+)\n.*SECRET_ACCESS_KEY=(\S+)\n/.exec(program.out) ?? [];
  const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(program.out)?.[0] ?? '';
  await runOne({ endpoint, accessKey: { accessKeyId, secretAccessKey: new Secret(secret) } });
  program.signal('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0, err: '' });
  await place.becomesQuiet();
});

it('gives tasks the ids of its seed, instances their number and size, and calls the faults of the file', async () => {
  const place = useWorkplace();
  const faults = [{ kind: 'schedule', seed: 1, probability: 1, faults: [{ kind: 'throttle', action: 'ListTasks' }] }];
  writeFileSync(place.path('faults.json'), JSON.stringify(faults));
  const args = ['--seed', '7', '--instances', '3', '--cpu', '2048', '--memory', '128', '--cluster', 'default', 'big'];
  const first = await startJson(place, ...args, '--fault-schedule', place.path('faults.json'), ...SLEEP);
  const sdk = openSdk(first.access);
  const { clusters } = await sdk.send(new DescribeClustersCommand({ clusters: ['default', 'big'] }));
  expect(clusters).toMatchObject([
    { clusterName: 'default', registeredContainerInstancesCount: 3 },
    { clusterName: 'big', registeredContainerInstancesCount: 3 },
  ]);
  expect((await sdk.send(new ListContainerInstancesCommand({}))).containerInstanceArns).toHaveLength(3);
  await expect(sdk.send(new ListTasksCommand({}))).rejects.toThrow('Rate exceeded');
  const arn = await runOne(first.access);
  first.program.signal('SIGTERM');
  await first.program.ended;
  const again = useWorkplace();
  const second = await startJson(again, '--seed', '7', ...SLEEP);
  expect(await runOne(second.access)).toBe(arn);
});

it('refuses a port, a directory or a file of faults before anything is made', async () => {
  const place = useWorkplace();
  const { program, access } = await startJson(place, ...SLEEP);
  const run = (...args: string[]) => place.run(SCRIPT, ['ecs', 'local', ...args]);
  const other = place.path('other');
  const taken = await run('--port', new URL(access.endpoint).port, '--dir', other);
  expect(taken.code).toBe(69);
  // Before it may stand that the agent in dist/ is older than its sources.
  expect(taken.err).toMatch(/^wipctl: Local ECS cannot listen on 127\.0\.0\.1:\d+.*\[PORT_IN_USE\]\n$/m);
  expect(existsSync(other)).toBe(false);
  const shared = await run('--port', '0', '--dir', place.path('ecs'));
  expect(shared.err).toMatch(
    /^wipctl: Another local ECS, process \d+, uses the directory .*\[DATA_DIRECTORY_UNUSABLE\]/m,
  );
  writeFileSync(place.path('faults.json'), '[{"kind":"gremlin"}]');
  const wrong = await run('--port', '0', '--dir', other, '--fault-schedule', place.path('faults.json'));
  expect(wrong.code).toBe(2);
  expect(wrong.err).toMatch(/faults\.json is not a list of faults: \[0\]\.kind should be one of \[throttle,/);
  expect(existsSync(other)).toBe(false);
  expect((await run('--port', '70000')).err).toContain('Give a port from 0 to 65535.');
  program.signal('SIGTERM');
  expect((await program.ended).code).toBe(0);
});

it.each([
  [
    ['--launcher', 'docker'],
    69,
    'DOCKER_UNAVAILABLE',
    'No container engine answers at unix:///nonexistent/docker.sock',
  ],
  [
    ['--launcher', 'docker', '--entrypoint', 'sleep 60'],
    2,
    'USAGE',
    '--entrypoint is for containers that are processes',
  ],
  [['--docker-network', 'builds'], 2, 'USAGE', 'Add --launcher docker'],
] as const)('refuses %j before anything is made', async (args, code, name, sentence) => {
  const place = useWorkplace();
  const other = place.path('other');
  const environment = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
  const refused = await place.run(SCRIPT, ['ecs', 'local', '--port', '0', '--dir', other, ...args], { environment });
  expect(refused).toMatchObject({ code, out: '' });
  expect(refused.err).toContain(sentence);
  expect(refused.err).toContain(`[${name}]`);
  expect(existsSync(other)).toBe(false);
});

it('adopts its containers after it was killed', async () => {
  const place = useWorkplace();
  const killed = await startJson(place, ...SLEEP);
  const arn = await runOne(killed.access);
  killed.program.signal('SIGKILL');
  await killed.program.ended;
  const next = await startJson(place, ...SLEEP);
  const sdk = openSdk(next.access);
  const { tasks } = await sdk.send(new DescribeTasksCommand({ tasks: [arn] }));
  expect(tasks).toMatchObject([{ taskArn: arn, lastStatus: 'RUNNING' }]);
  next.program.signal('SIGINT');
  expect((await next.program.ended).code).toBe(0);
  await place.becomesQuiet();
});
