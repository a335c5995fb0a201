import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskView } from '../../controlplane/api/tasks/task-views.ts';
import { taskText } from '../../controlplane/cli/output/task-text.ts';
import { eventually } from '../kit/eventually.ts';
import { buildFile, git, makeBareRepository, makeRepository } from '../kit/builds/git-place.ts';
import { lacking } from '../kit/lacking.ts';
import { canRunLegacy, LEGACY_CONTAINER, removeLegacyFiles } from '../kit/agent/legacy-container.ts';
import { CHECKOUT, Workplace } from '../kit/programs/program.ts';
import { startWip } from '../testkit/start-wip.ts';
import type { StartedWip } from '../testkit/started-wip.ts';

const isLacking = lacking('openssh', canRunLegacy(), 'openssh-server openssh-client curl (and run as root)');

const SITE = 'default:\n  legacy: true\n  volumes: []\n  containerDefinitions:\n    - mountPoints: []\n';

describe.skipIf(isLacking)(`a build in an image without the agent ${isLacking ?? ''}`, () => {
  let place: Workplace;
  let wip: StartedWip;
  beforeAll(async () => {
    place = new Workplace();
    writeFileSync(place.path('site.yml'), SITE);
    wip = await startWip({
      nodes: 2,
      nodesRun: 'processes',
      agents: 'process',
      entrypoint: LEGACY_CONTAINER,
      settings: {
        site_config: place.path('site.yml'),
        build_tool: `${process.execPath} ${CHECKOUT}/agent/main.ts build`,
      },
    });
  });
  afterAll(async () => {
    const tasks = await Promise.all(added.map((id) => wip.client.findTask(id)));
    await wip.close();
    await place.becomesQuiet();
    await place.remove();
    for (const attempt of tasks.flatMap((task) => task.attempts)) removeLegacyFiles(attempt);
  });

  const added: number[] = [];
  async function add(options: Record<string, unknown>, ...commands: string[]): Promise<TaskView> {
    const source = makeRepository(place.path(`source-${added.length}`), {
      'acquia-pipelines.yaml': buildFile(...commands),
    });
    const task = await wip.client.addTask({
      kind: 'BuildSteps',
      options: { sourceVcsUri: source, vcsPath: 'main', ...options },
    });
    added.push(task.id);
    return task;
  }

  async function outputOf(id: number): Promise<string> {
    return Buffer.from((await wip.client.readOutput(id, 'stdout', 0)).data).toString();
  }

  it('succeeds and pushes the artefact, and people see its output and what it lacks', async () => {
    const deploy = makeBareRepository(place.path('deploy.git'));
    const task = await add(
      { deployVcsUri: deploy, deployVcsPath: 'built', environmentVariables: { GREETING: 'of the task' } },
      'echo "greeted: $GREETING"',
      'echo made >artefact.txt',
    );
    const ended = await wip.until(task.id, 'end', '180 s');
    expect(ended).toMatchObject({ exitStatus: 'COMPLETED', cause: 'success', attempts: [{ cause: 'released' }] });
    expect(git(deploy, 'show', 'built:artefact.txt')).toBe('made');
    expect(await outputOf(task.id)).toContain('greeted: of the task');
    const [attempt] = ended.attempts;
    expect(attempt?.legacy?.lacks.join('\n')).toContain('not signed');
    const shown = taskText(
      { task: ended, queue: null },
      { now: new Date(), columns: undefined, paint: (_style, text) => text },
    );
    expect(shown).toContain('its image has no agent, so:');
  });

  it('fails with the sentence of the step that failed', async () => {
    const task = await add({}, 'echo before', 'exit 3');
    const ended = await wip.until(task.id, 'end', '180 s');
    expect(ended).toMatchObject({ exitStatus: 'ERROR_USER', cause: 'build-failed' });
    expect(ended.exitMessage).toContain('exit 3');
    expect(await outputOf(task.id)).toContain('before');
  });

  it('goes on when the node that runs it is killed, runs once, and can be terminated', async () => {
    const [started, gate] = [place.path('started'), place.path('gate')];
    const step = `echo once >>'${started}'; until [ -e '${gate}' ]; do sleep 0.1; done; echo over`;
    const task = await add({}, step);
    const endless = await add({}, `echo up >'${place.path('endless')}'; sleep 1000`);
    await eventually('the builds', () => existsSync(started) && existsSync(place.path('endless')), 120_000);
    for (const node of wip.nodes) await wip.kill(node);
    await wip.startNode();
    await wip.startNode();
    await wip.client.act(endless.id, 'terminate');
    expect(await wip.until(endless.id, 'end', '180 s')).toMatchObject({ exitStatus: 'TERMINATED' });
    writeFileSync(gate, '');
    expect(await wip.until(task.id, 'end', '180 s')).toMatchObject({ exitStatus: 'COMPLETED' });
    expect(readFileSync(started, 'utf8')).toBe('once\n');
    expect(await outputOf(task.id)).toContain('over');
  });

  it('ends as the system’s failure when its entrypoint is killed', async () => {
    const task = await add({}, `echo up >'${place.path('killed')}'; sleep 1000`);
    await eventually('the build', () => existsSync(place.path('killed')), 120_000);
    await wip.localEcs.inject({ kind: 'crash', task: task.id });
    const ended = await wip.until(task.id, 'end', '180 s');
    expect(ended).toMatchObject({ exitStatus: 'ERROR_SYSTEM', attempts: [{ number: 1 }] });
  });
});
