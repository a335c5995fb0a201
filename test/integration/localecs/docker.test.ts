import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  type ECSClient,
  type KeyValuePair,
  type Task,
} from '@aws-sdk/client-ecs';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressInNetwork, connectDocker } from '../../../controlplane/localecs/docker/connect-docker.ts';
import { createDockerLauncher } from '../../../controlplane/localecs/docker/docker-launcher.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { skipped } from '../../kit/agent/agent-suite.ts';
import { DockerEngine, SMALL_BASE, whyNoEngine } from '../../kit/ecs/docker-engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { SCRIPT_IMAGE, scriptDefinition } from '../../kit/ecs/launchers.ts';
import { openSdk, silentLog, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';

const NETWORK = 'wip-test';
const EATS_MEMORY = `perl -e '$x = "0" x 200_000_000; print length $x'`;
const skipReason = whyNoEngine('own');

let engine: DockerEngine;
let local: TestEcs;
/** Local ECS whose containers join a network of the engine. */
let networked: TestEcs;
const sdks = new Map<TestEcs, ECSClient>();
let registry: ChildProcess;
let registryPort = 0;

async function startEcs(network: string | null): Promise<TestEcs> {
  const launcher = createDockerLauncher({
    docker: new Docker({ socketPath: engine.socketPath }),
    network,
    clock: systemClock,
    log: silentLog,
  });
  const test = await startTestEcs([], { launcher });
  sdks.set(test, openSdk(test.ecs));
  return test;
}

function sdkOf(test: TestEcs): ECSClient {
  const sdk = sdks.get(test);
  if (!sdk) throw new Error('local ECS was not started');
  return sdk;
}

interface Run {
  readonly script: string;
  readonly container?: object;
  readonly definition?: object;
  readonly environment?: KeyValuePair[];
  readonly runTask?: object;
  readonly on?: TestEcs;
}

/** Registers the definition of a script and starts a task of it. Returns its ARN. */
async function run({ script, container, definition, runTask, on = local }: Run): Promise<string> {
  const input = scriptDefinition(script, { stopTimeout: 1, ...container }, { networkMode: 'bridge', ...definition });
  const sdk = sdkOf(on);
  const { taskDefinition } = await sdk.send(
    new RegisterTaskDefinitionCommand(input as ConstructorParameters<typeof RegisterTaskDefinitionCommand>[0]),
  );
  const { tasks } = await sdk.send(
    new RunTaskCommand({ taskDefinition: taskDefinition?.taskDefinitionArn, ...runTask }),
  );
  return tasks?.[0]?.taskArn ?? '';
}

function reaches(arn: string, status: string, on = local): Promise<Task> {
  return eventually(`${arn} ${status}`, async () => {
    const { tasks } = await sdkOf(on).send(new DescribeTasksCommand({ tasks: [arn] }));
    const task = tasks?.[0];
    return task?.lastStatus === status ? task : null;
  });
}

async function ended(what: Run): Promise<{ task: Task; output: string }> {
  const arn = await run(what);
  const task = await reaches(arn, 'STOPPED', what.on);
  return { task, output: outputOf(arn, what.on) };
}

function outputOf(arn: string, on = local): string {
  const log = path.join(on.directory, 'tasks', arn.replace(/^.*\//, ''), 'container.log');
  return existsSync(log) ? readFileSync(log, 'utf8') : '';
}

/** What a program in the network of the engine reads from a port. */
function readFrom(host: string, port: number): string {
  const [program, argv] = engine.inNetwork('/bin/bash', '-c', `cat </dev/tcp/${host}/${port}`);
  return execFileSync(program, argv, { encoding: 'utf8', timeout: 60_000 });
}

const SERVES = `exec perl -MIO::Socket::INET -e '
  my $server = IO::Socket::INET->new(LocalPort => 22, Listen => 5, ReuseAddr => 1) or die $!;
  $| = 1; print "listening\\n";
  while (my $client = $server->accept) { print $client "hello from the container\\n"; close $client }'`;

describe.skipIf(skipReason)(`local ECS with the docker launcher${skipped(skipReason)}`, () => {
  beforeAll(async () => {
    engine = await DockerEngine.start('own');
    engine.importBase(SCRIPT_IMAGE, SMALL_BASE);
    engine.docker('network', 'create', NETWORK);
    local = await startEcs(null);
    networked = await startEcs(NETWORK);
    const [program, argv] = engine.inNetwork(
      process.execPath,
      path.resolve(import.meta.dirname, '../../kit/ecs/image-registry.ts'),
    );
    registry = spawn(program, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [port] = (await once(registry.stdout!, 'data')) as [Buffer];
    registryPort = Number(port.toString());
  });
  afterAll(async () => {
    registry.kill('SIGTERM');
    for (const sdk of sdks.values()) sdk.destroy();
    for (const test of [local, networked]) await test.close();
    expect(engine.docker('ps', '--all', '--quiet')).toBe('');
    expect(engine.docker('volume', 'ls', '--quiet')).toBe('theirs');
    await engine.close();
  });

  it('runs command, entrypoint and variables of the definition with the limits that it says', async () => {
    const container = {
      entryPoint: ['/bin/sh', '-c'],
      command: [
        'echo "$0 $A $B $(pwd) $(id -u)"; ulimit -n; cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max',
        'zero',
      ],
      environment: [
        { name: 'A', value: '1' },
        { name: 'B', value: '1' },
      ],
      workingDirectory: '/tmp',
      user: '1234',
      ulimits: [{ name: 'nofile', softLimit: 321, hardLimit: 400 }],
      memory: 96,
    };
    const overrides = { containerOverrides: [{ name: 'build', environment: [{ name: 'B', value: '2' }] }] };
    const { output } = await ended({ script: '', container, definition: { cpu: '512' }, runTask: { overrides } });
    expect(output).toMatch(/^zero 1 2 \/tmp 1234\n321\n100663296\n50000(\n| 100000\n)$/);
  });

  it('gives a container an init, tmpfs, a read-only root and no capability that it drops', async () => {
    const container = {
      readonlyRootFilesystem: true,
      linuxParameters: {
        initProcessEnabled: true,
        tmpfs: [{ containerPath: '/scratch', size: 3 }],
        capabilities: { drop: ['CHOWN'] },
      },
    };
    const script = [
      'cat /proc/1/comm',
      '(echo x >/file) 2>/dev/null || echo read-only',
      'head -c 5000000 /dev/zero >/scratch/file 2>/dev/null || echo full',
      '>/scratch/small; chown 7 /scratch/small 2>/dev/null || echo not-owner',
    ].join('; ');
    const { output } = await ended({ script, container });
    expect(output.replace(/^docker-init|^tini/, 'init')).toBe('init\nread-only\nfull\nnot-owner\n');
  });

  it('says of a container that the kernel killed for its memory what ECS says', async () => {
    const { task } = await ended({ script: EATS_MEMORY, container: { memory: 32 } });
    expect(task).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
    });
    expect(task.containers?.[0]).toMatchObject({
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    });
  });

  it('kills a container that ignores SIGTERM after its stopTimeout', async () => {
    const arn = await run({
      script: "trap '' TERM; echo deaf; while :; do sleep 0.05; done",
      container: { stopTimeout: 1 },
    });
    await eventually('the trap', () => outputOf(arn).includes('deaf'));
    await sdkOf(local).send(new StopTaskCommand({ task: arn, reason: 'enough' }));
    const task = await reaches(arn, 'STOPPED');
    expect(task).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'enough' });
    expect(task.containers?.[0]?.exitCode).toBe(137);
  });

  it.each([
    ['absent', /^CannotPullContainerError: Error response from daemon: (manifest for .* not found: )?manifest unknown/],
    ['private', /^CannotPullContainerError: Error response from daemon: .*(unauthorized|authentication required)/],
    ['limited', /^CannotPullContainerError: Error response from daemon: .*toomanyrequests/i],
  ])('says why the image of the repository %s cannot be pulled', async (repository, reason) => {
    const image = `127.0.0.1:${registryPort}/${repository}:1`;
    const { task } = await ended({ script: '', container: { image } });
    expect(task.stopCode).toBe('TaskFailedToStart');
    expect(task.stoppedReason).toMatch(reason);
    expect(task.startedAt).toBeUndefined();
  });

  it('pulls an image that the engine lacks, and says why its container cannot start', async () => {
    const image = `127.0.0.1:${registryPort}/there`;
    const { task } = await ended({ script: '', container: { image } });
    expect(task.stoppedReason).toMatch(/^CannotStartContainerError: Error response from daemon: .*\/bin\/sh/);
  });

  it('publishes the ports of a bridge network on the loopback address', async () => {
    const arn = await run({ script: SERVES, container: { portMappings: [{ containerPort: 22, hostPort: 0 }] } });
    await eventually('listening', () => outputOf(arn).includes('listening'));
    const [binding] = (await reaches(arn, 'RUNNING')).containers?.[0]?.networkBindings ?? [];
    expect(binding).toMatchObject({ bindIP: '127.0.0.1', containerPort: 22, protocol: 'tcp' });
    expect(readFrom('127.0.0.1', binding?.hostPort ?? 0)).toBe('hello from the container\n');
    await sdkOf(local).send(new StopTaskCommand({ task: arn }));
  });

  it('gives a container of an awsvpc network an address of its own', async () => {
    const arn = await run({
      script: SERVES,
      definition: { networkMode: 'awsvpc' },
      runTask: { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } } },
    });
    await eventually('listening', () => outputOf(arn).includes('listening'));
    const task = await reaches(arn, 'RUNNING');
    const address = task.attachments?.[0]?.details?.find(({ name }) => name === 'privateIPv4Address')?.value ?? '';
    expect(task.containers?.[0]?.networkBindings).toEqual([]);
    expect(task.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address).toBe(address);
    expect(readFrom(address, 22)).toBe('hello from the container\n');
    await sdkOf(local).send(new StopTaskCommand({ task: arn }));
  });

  it('lets containers join a network of the engine, where they are reached at their own address', async () => {
    const arn = await run({
      script: SERVES,
      container: { portMappings: [{ containerPort: 22, hostPort: 0 }] },
      on: networked,
    });
    await eventually('listening', () => outputOf(arn, networked).includes('listening'));
    const [binding] = (await reaches(arn, 'RUNNING', networked)).containers?.[0]?.networkBindings ?? [];
    expect(binding?.hostPort).toBe(22);
    expect(readFrom(binding?.bindIP ?? '', 22)).toBe('hello from the container\n');
    await sdkOf(networked).send(new StopTaskCommand({ task: arn }));
  });

  it('mounts directories of the machine and makes volumes, and removes the volumes that it made and no other', async () => {
    engine.docker('volume', 'create', 'theirs');
    const { output } = await ended({
      script:
        'cat /config/state.json | head -c 12; echo; (echo x >/config/x) 2>/dev/null || echo read-only; echo y >/work/y; ls /work',
      container: {
        mountPoints: [
          { sourceVolume: 'config', containerPath: '/config', readOnly: true },
          { sourceVolume: 'work', containerPath: '/work' },
        ],
      },
      definition: { volumes: [{ name: 'config', host: { sourcePath: local.directory } }, { name: 'work' }] },
    });
    expect(output).toMatch(/^\{"version":1\nread-only\ny\n$/);
  });

  it('leaves a container of the same name alone that somebody else made', async () => {
    const before = engine.docker('run', '--detach', '--network=none', SCRIPT_IMAGE, 'sleep', '100');
    await ended({ script: 'exit 0' });
    expect(engine.docker('ps', '--quiet', '--no-trunc')).toContain(before);
    engine.docker('rm', '--force', '--volumes', before);
  });

  it('shows what the health check of the definition finds', async () => {
    const command = ['CMD-SHELL', 'test -e /healthy'];
    // The shortest interval that ECS takes.
    const healthCheck = { command, interval: 5, retries: 1 };
    const arn = await run({ script: 'touch /healthy; sleep 7; rm /healthy; sleep 60', container: { healthCheck } });
    for (const status of ['HEALTHY', 'UNHEALTHY']) {
      await eventually(status, async () => {
        const { tasks: [task] = [] } = await sdkOf(local).send(new DescribeTasksCommand({ tasks: [arn] }));
        return task?.healthStatus === status && task.containers?.[0]?.healthStatus === status;
      });
    }
    await sdkOf(local).send(new StopTaskCommand({ task: arn }));
    expect(await reaches(arn, 'STOPPED')).toMatchObject({ healthStatus: 'UNKNOWN' });
  });

  it.each([
    [
      { containerDefinitions: [1, 2].map((n) => ({ name: `c${n}`, image: 'x', memory: 64 })) },
      '2 containers in one task',
    ],
    [
      scriptDefinition('', { secrets: [{ name: 'A', valueFrom: 'arn' }] }, { executionRoleArn: 'arn' }),
      'support secrets',
    ],
    [
      scriptDefinition('', {}, { volumes: [{ name: 'v', efsVolumeConfiguration: { fileSystemId: 'fs-1' } }] }),
      'efsVolume',
    ],
    [scriptDefinition('', {}, { volumes: [{ name: 'v', host: { sourcePath: 'here' } }] }), 'sourcePath'],
    [
      scriptDefinition(
        '',
        {},
        { volumes: [{ name: 'v', dockerVolumeConfiguration: { scope: 'task', driverOpts: { type: 'nfs' } } }] },
      ),
      'driverOpts of the volume v',
    ],
    [scriptDefinition('', { repositoryCredentials: { credentialsParameter: 'arn' } }), 'repositoryCredentials'],
    [scriptDefinition('', { restartPolicy: { enabled: true } }), 'restartPolicy'],
  ])('refuses to register what it cannot run: %#', async (definition, words) => {
    const input = { family: 'WIP_refused', ...definition };
    const registering = sdkOf(local).send(
      new RegisterTaskDefinitionCommand(input as ConstructorParameters<typeof RegisterTaskDefinitionCommand>[0]),
    );
    await expect(registering).rejects.toMatchObject({
      name: 'ClientException',
      message: expect.stringContaining(words) as string,
    });
  });

  it('says what to do when no engine answers, and when a network is not there', async () => {
    const nowhere = { DOCKER_HOST: `unix://${local.directory}/none.sock` };
    await expect(connectDocker({ environment: nowhere, network: null, clock: systemClock })).rejects.toMatchObject({
      code: 'DOCKER_UNAVAILABLE',
    });
    const environment = { DOCKER_HOST: engine.host };
    await expect(connectDocker({ environment, network: 'nowhere', clock: systemClock })).rejects.toThrow(
      'docker network create nowhere',
    );
    const docker = await connectDocker({ environment, network: NETWORK, clock: systemClock });
    // The engine's networks are in a namespace of their own, like those of an engine on another machine.
    await expect(addressInNetwork(docker, NETWORK)).rejects.toThrow('This machine has no IPv4 address in the network');
  });
});
