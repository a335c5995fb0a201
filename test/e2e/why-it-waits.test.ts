import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWipClient, type WipClient } from '../../controlplane/cli/client/wip-client.ts';
import { createOperatorClient } from '../../controlplane/cli/client/operator-client.ts';
import type { Development } from '../../controlplane/cli/node/start-development.ts';
import { WIPCTL } from '../kit/programs/dev-system.ts';
import { eventually } from '../kit/eventually.ts';
import { buildFile, makeBareRepository, makeRepository } from '../kit/builds/git-place.ts';
import { Program, Workplace } from '../kit/programs/program.ts';
import { startSystem } from '../kit/builds/watched-build.ts';

const WAIT_MS = 180_000;

let place: Workplace;
let system: Development;
let client: WipClient;
beforeAll(async () => {
  place = new Workplace();
  system = await startSystem(place);
  client = createWipClient({ url: system.url, token: system.token.reveal() });
});
afterAll(async () => {
  await system.close();
  await place.becomesQuiet();
  await place.remove();
});
afterEach(() => system.localEcs.faults.clear());

async function addBuild(script: string): Promise<number> {
  const source = makeRepository(place.path(`app-${script.length}`), { 'acquia-pipelines.yaml': buildFile(script) });
  const deployVcsUri = makeBareRepository(place.path(`artefact-${script.length}.git`));
  const options = { sourceVcsUri: source, vcsPath: 'main', deployVcsUri };
  return (await client.addTask({ kind: 'BuildSteps', options })).id;
}

/**
 * Waits until `wipctl show` prints this reason, and then until the list of tasks has it. A worker may be busy with the
 * task meanwhile.
 */
async function shows(id: number, because: string): Promise<void> {
  await eventually(
    `"because ${because}" in wipctl show ${id}`,
    async () => {
      const { out } = await Program.start(WIPCTL, ['show', String(id)], { cwd: place.directory }).ended;
      return out.includes(`because ${because}`) ? true : undefined;
    },
    WAIT_MS,
  );
  await eventually(
    `"${because}" in the list`,
    async () => {
      const { tasks } = await client.listTasks({});
      return tasks.find((task) => task.id === id)?.waitsBecause === because ? true : undefined;
    },
    WAIT_MS,
  );
}

async function becomes(id: number, status: string): Promise<void> {
  await eventually(
    `task ${id} ${status}`,
    async () => ((await client.findTask(id)).status === status ? true : undefined),
    WAIT_MS,
  );
}

async function endedOnRequest(id: number): Promise<void> {
  await client.act(id, 'terminate');
  await eventually(
    `the end of task ${id}`,
    async () => ((await client.findTask(id)).status === 'COMPLETE' ? true : undefined),
    WAIT_MS,
  );
}

describe('wipctl show says why a task waits', () => {
  it('with the local cluster full: no room, and the reason of ECS', async () => {
    system.localEcs.faults.add([{ kind: 'no-placement', reason: 'RESOURCE:MEMORY', times: null }]);
    const id = await addBuild('true');
    await shows(id, 'the cluster has no room for the container (RESOURCE:MEMORY)');
    await endedOnRequest(id);
  });

  it('of a cluster that is scaled to zero, and goes on as soon as a machine has joined', async () => {
    const containerInstance = '1'.padStart(32, '0');
    await system.localEcs.injectFault({ kind: 'lose-instance', cluster: 'default', containerInstance });
    const id = await addBuild('echo zero');
    await shows(
      id,
      'the cluster has no container instance, so nothing can be placed (No Container Instances were found in your cluster)',
    );
    expect((await client.findTask(id)).waiting).toMatchObject({
      code: 'no-capacity',
      remedy: expect.stringContaining('Add a machine') as string,
    });
    await system.localEcs.injectFault({ kind: 'join-instance', cluster: 'default' });
    await becomes(id, 'COMPLETE');
    expect((await client.findTask(id)).exitStatus).toBe('COMPLETED');
  });

  it('of a cluster whose credentials lack a right: which one, and goes on when it is given', async () => {
    system.localEcs.faults.add([{ kind: 'access-denied', action: 'RunTask', times: null }]);
    const id = await addBuild('echo denied');
    await shows(
      id,
      'ECS does not allow ecs:RunTask with the credentials of the cluster (User: arn:aws:iam::000000000000:user/local is not authorized to perform: ecs:RunTask)',
    );
    expect((await client.findTask(id)).waiting).toMatchObject({
      code: 'access-denied',
      remedy: expect.stringContaining('rights') as string,
      until: null,
    });
    system.localEcs.faults.clear();
    await becomes(id, 'COMPLETE');
    expect((await client.findTask(id)).exitStatus).toBe('COMPLETED');
  });

  it('while ECS starts the container: in which status it is', async () => {
    system.localEcs.faults.add([{ kind: 'slow', status: 'PENDING', ms: 120_000, times: null }]);
    const id = await addBuild('echo 1');
    await shows(id, 'its image is being pulled (PENDING)');
    await endedOnRequest(id);
  });

  it('while the build runs', async () => {
    const id = await addBuild('sleep 300');
    await eventually('the state of the running build in wipctl show', async () => {
      const { out } = await Program.start(WIPCTL, ['show', String(id)], { cwd: place.directory }).ended;
      // It works, and is not said to wait.
      return out.includes('It runs step 1 of 1') && !out.includes('Waits since') ? true : undefined;
    });
    await endedOnRequest(id);
  });

  it('in the queue, in the list as in the task itself', async () => {
    await createOperatorClient({ url: system.url, token: system.token.reveal() }).pause(undefined, 'soft');
    const id = await addBuild('echo queue');
    await shows(id, 'all tasks are paused');
  });
});
