import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DevSystem } from '../kit/programs/dev-system.ts';
import { eventually } from '../kit/eventually.ts';
import { buildFile, git, makeBareRepository, makeRepository } from '../kit/builds/git-place.ts';
import { Workplace } from '../kit/programs/program.ts';
import { StatusReceiver } from '../kit/network/status-receiver.ts';
import { GITHUB_REPOSITORY, githubHeaders, githubPush } from '../kit/network/webhooks.ts';

const SECRET = 'the secret of the webhook';
const Answer = z.object({ outcome: z.string(), task: z.number(), message: z.string() });

let place: Workplace;
let dev: DevSystem;
const receiver = new StatusReceiver();

beforeAll(async () => {
  place = new Workplace();
  const endpoint = await receiver.start();
  const hook = {
    repository: 'acme/*',
    supersedes: true,
    secret_file: 'secret',
    options: { deployVcsUri: makeBareRepository(place.path('artefact.git')) },
    status: { token_file: 'token', endpoint },
  };
  writeFileSync(place.path('secret'), SECRET);
  writeFileSync(place.path('token'), 'ghp_of_the_test');
  // YAML is a superset of JSON.
  writeFileSync(place.path('hooks.yml'), JSON.stringify({ github: [hook] }));
  const environment = { WIP_HOOKS_FILE: place.path('hooks.yml'), WIP_OUTGOING_HOSTS: '127.0.0.1' };
  dev = await DevSystem.start(place, { environment });
});
afterAll(async () => {
  await dev.close();
  await receiver.stop();
  await place.becomesQuiet();
  await place.remove();
});

async function push(
  source: string,
  commit: string,
  delivery: string,
  full_name = 'acme/app',
): Promise<z.infer<typeof Answer>> {
  const repository = { ...GITHUB_REPOSITORY, full_name, clone_url: source };
  const body = JSON.stringify(githubPush({ after: commit, repository }));
  const headers = githubHeaders(SECRET, body, 'push', delivery);
  const answer = await fetch(`${dev.access.url}/v1/hooks/github`, { method: 'POST', headers, body });
  return Answer.parse(await answer.json());
}

async function isBuilding(task: number): Promise<boolean> {
  return (await dev.client.findTask(task)).state === 'executeBuildScript';
}

describe('a push to GitHub', () => {
  it('is built at its commit, and GitHub is told how it went, once, in order', async () => {
    const source = makeRepository(place.path('app'), { 'acquia-pipelines.yaml': buildFile('echo pushed > made') });
    const commit = git(source, 'rev-parse', 'HEAD');
    // The branch has moved on before the container has started.
    writeFileSync(place.path('app', 'acquia-pipelines.yaml'), buildFile('exit 1'));
    git(source, 'commit', '--quiet', '--all', '-m', 'broken');

    const { outcome, task } = await push(source, commit, 'one');
    expect(outcome).toBe('added');
    expect(await push(source, commit, 'one')).toMatchObject({ outcome: 'known', task });
    const built = await dev.finished(task);
    expect(built).toMatchObject({ exitStatus: 'COMPLETED', builtCommit: commit, createdBy: 'GitHub webhook' });

    const told = await eventually('GitHub is told of the end', () =>
      receiver.statuses.some(({ body }) => body['state'] === 'success') ? receiver.statuses : undefined,
    );
    expect(new Set(told.map(({ path }) => path))).toEqual(new Set([`/repos/acme/app/statuses/${commit}`]));
    expect(told.map(({ body }) => body['description']).slice(0, 2)).toEqual([
      'The build is queued.',
      'The build runs.',
    ]);
    expect(told.at(-1)?.body).toMatchObject({
      state: 'success',
      context: 'wip',
      target_url: `${dev.access.url}/tasks/${built.uuid}`,
    });
    expect(told[0]?.authorization).toBe('Bearer ghp_of_the_test');
    expect(JSON.stringify(built)).not.toContain('ghp_of_the_test');
  });

  it('ends the build of the push before, which says what superseded it', async () => {
    const source = makeRepository(place.path('lib'), { 'acquia-pipelines.yaml': buildFile('sleep 600') });
    const old = git(source, 'rev-parse', 'HEAD');
    writeFileSync(place.path('lib', 'acquia-pipelines.yaml'), buildFile('echo new > made'));
    git(source, 'commit', '--quiet', '--all', '-m', 'new');
    const newer = git(source, 'rev-parse', 'HEAD');

    const first = await push(source, old, 'two', 'acme/lib');
    await eventually('the first build runs', async () => isBuilding(first.task));
    const second = await push(source, newer, 'four', 'acme/lib');
    expect(second.message).toContain(`It supersedes task ${first.task}.`);
    const message = `Superseded by task ${second.task}: acme/lib main@${newer.slice(0, 7)}.`;
    const cause = 'superseded';
    expect(await dev.finished(first.task)).toMatchObject({ exitStatus: 'TERMINATED', exitMessage: message, cause });
    expect(await dev.finished(second.task)).toMatchObject({ exitStatus: 'COMPLETED', builtCommit: newer });
    const told = receiver.statuses.filter(({ path }) => path === `/repos/acme/lib/statuses/${old}`);
    expect(told.at(-1)?.body).toMatchObject({ state: 'error', description: message });
  });

  it('during a maintenance is taken, says so, and is built when the maintenance is over', async () => {
    const source = makeRepository(place.path('kept'), { 'acquia-pipelines.yaml': buildFile('echo kept > made') });
    const commit = git(source, 'rev-parse', 'HEAD');
    expect(await dev.wipctl('maintenance', 'on', '--reason', 'upgrade')).toMatchObject({ code: 0 });
    const { outcome, task, message } = await push(source, commit, 'five', 'acme/kept');
    expect(outcome).toBe('added');
    expect(message).toContain('It starts when the maintenance is over.');
    const sentence = 'It came during a maintenance (upgrade) and starts after it.';
    const waiting = { code: 'maintenance', sentence };
    expect(await dev.client.findTask(task)).toMatchObject({ status: 'NOT_STARTED', waiting });
    expect(await dev.wipctl('maintenance', 'off')).toMatchObject({ code: 0 });
    expect(await dev.finished(task)).toMatchObject({ exitStatus: 'COMPLETED', builtCommit: commit });
  });
});
