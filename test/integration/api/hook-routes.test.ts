import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../shared/keys/secret.ts';
import type { Hook } from '../../../controlplane/hooks/hook.ts';
import { useHttp } from '../../kit/network/http-caller.ts';
import { githubHeaders, githubPush, gitlabPush, gitlabSignedHeaders } from '../../kit/network/webhooks.ts';

const http = useHttp();
const SECRET = 'a secret of the webhook';
const SIGNING_TOKEN = `whsec_${Buffer.from('another secret').toString('base64')}`;
const HOOK: Hook = {
  service: 'github',
  id: 'first',
  repositories: ['acme/*'],
  secrets: [new Secret('the one before'), new Secret(SECRET)],
  events: ['push'],
  branches: [],
  forks: false,
  supersedes: false,
  clone: 'https',
  group: 'apps',
  options: { environmentVariables: { A: '1' } },
  status: null,
};

beforeEach(() => {
  http.services.hooks.push(HOOK, {
    ...HOOK,
    service: 'gitlab',
    secrets: [new Secret(SECRET), new Secret(SIGNING_TOKEN)],
  });
});

async function post(service: string, headers: Readonly<Record<string, string>>, body: string) {
  const answer = await http.app.inject({ method: 'POST', url: `/v1/hooks/${service}`, headers, payload: body });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

const push = (body = JSON.stringify(githubPush()), secret = SECRET) =>
  post('github', githubHeaders(secret, body), body);

describe('a webhook of GitHub', () => {
  it('adds the build that it asks for', async () => {
    expect(await push()).toEqual({
      status: 201,
      body: { outcome: 'added', task: 1, message: 'Task 1 was added: acme/app main@1d4c540.' },
    });
    const task = http.services.tasks.get(1);
    expect(task?.facts).toMatchObject({ kind: 'BuildSteps', group: 'apps', createdBy: 'GitHub webhook' });
  });

  it('that is sent again is the same task', async () => {
    await push();
    expect(await push()).toEqual({
      status: 200,
      body: { outcome: 'known', task: 1, message: 'This delivery came before: it is task 1.' },
    });
  });

  it('that was captured is the same task under whatever id it is sent again', async () => {
    const body = JSON.stringify(githubPush());
    const send = (id: string) => post('github', githubHeaders(SECRET, body, 'push', id), body);
    expect((await send('e1')).body).toMatchObject({ outcome: 'added', task: 1 });
    for (const id of ['e2', 'e3']) expect((await send(id)).body).toMatchObject({ outcome: 'known', task: 1 });
    const headers = { ...githubHeaders(SECRET, body), 'idempotency-key': 'e4', 'webhook-id': 'e5' };
    expect((await post('github', headers, body)).body).toMatchObject({ outcome: 'known', task: 1 });
  });

  it('is the same task while its secret is replaced, and another one for a webhook with a secret of its own', async () => {
    await push(undefined, SECRET);
    expect((await push(undefined, 'the one before')).body).toMatchObject({ outcome: 'known', task: 1 });
    http.services.hooks.push({ ...HOOK, id: 'second', secrets: [new Secret('of another webhook')] });
    expect((await push(undefined, 'of another webhook')).body).toMatchObject({ outcome: 'added', task: 2 });
  });

  it.each([
    ['the old secret stands first', ['old', 'new']],
    ['the new secret stands first', ['new', 'old']],
  ])(
    'that GitHub sends again is the same task during and after the replacement of its secret, where %s',
    async (_, both) => {
      const use = (...secrets: string[]): void => {
        http.services.hooks[0] = { ...HOOK, secrets: secrets.map((secret) => new Secret(secret)) };
      };
      const bodies = ['before', 'during'].map((login) =>
        JSON.stringify(githubPush({ sender: { login, type: 'User' } })),
      );
      use('old');
      expect((await push(bodies[0], 'old')).body).toMatchObject({ outcome: 'added', task: 1 });
      use(...both);
      expect((await push(bodies[1], 'old')).body).toMatchObject({ outcome: 'added', task: 2 });
      // GitHub signs what is sent again with the secret that its webhook has then.
      for (const secret of both) {
        expect((await push(bodies[0], secret)).body).toMatchObject({ outcome: 'known', task: 1 });
        expect((await push(bodies[1], secret)).body).toMatchObject({ outcome: 'known', task: 2 });
      }
      use('new');
      expect((await push(bodies[0], 'new')).body).toMatchObject({ outcome: 'known', task: 1 });
      expect((await push(bodies[1], 'new')).body).toMatchObject({ outcome: 'known', task: 2 });
    },
  );

  it('that was captured is known as long as its task is kept, and no longer', async () => {
    await push();
    expect((await push()).body).toMatchObject({ outcome: 'known', task: 1 });
    http.services.tasks.clear();
    expect((await push()).body).toMatchObject({ outcome: 'added' });
  });

  it('may come as a form, as the form of GitHub itself has it first', async () => {
    const body = new URLSearchParams({ payload: JSON.stringify(githubPush()) }).toString();
    const headers = { ...githubHeaders(SECRET, body), 'content-type': 'application/x-www-form-urlencoded' };
    expect(await post('github', headers, body)).toMatchObject({ status: 201 });
  });

  it('answers the ping of a new webhook', async () => {
    const headers = githubHeaders(SECRET, '{"zen":"Keep it simple."}', 'ping');
    const answer = await post('github', headers, '{"zen":"Keep it simple."}');
    expect(answer).toMatchObject({
      status: 200,
      body: { outcome: 'nothing', message: 'The webhook of GitHub works.' },
    });
  });

  it('with another secret, or changed on its way, is refused and adds nothing', async () => {
    expect(await push(undefined, 'wrong')).toMatchObject({ status: 401, body: { code: 'HOOK_UNAUTHENTIC' } });
    const body = JSON.stringify(githubPush());
    const changed = await post('github', githubHeaders(SECRET, body), body.replace('main', 'evil'));
    expect(changed).toMatchObject({ status: 401, body: { code: 'HOOK_UNAUTHENTIC' } });
    expect(http.services.tasks.size).toBe(0);
  });

  it('without a signature is refused, whatever its body is', async () => {
    expect(await post('github', { 'x-github-event': 'push' }, '{')).toMatchObject({ status: 401 });
  });

  it('is refused where no hook is configured', async () => {
    http.services.hooks.length = 0;
    expect(await push()).toMatchObject({ status: 404, body: { code: 'HOOK_UNKNOWN' } });
  });

  it('that lacks what its event has is refused with the field', async () => {
    const answer = await push('{"ref":"refs/heads/main"}');
    expect(answer).toMatchObject({ status: 422, body: { code: 'REQUEST_INVALID' } });
    expect(answer.body['details']).toContainEqual({ path: 'after', message: expect.any(String) });
  });

  it('is taken in a maintenance, because GitHub would not send it again, and says that its build starts afterwards', async () => {
    await http.call('operator', 'PUT /v1/state/maintenance', { reason: 'upgrade' });
    const message = 'Task 1 was added: acme/app main@1d4c540. It starts when the maintenance is over.';
    expect(await push()).toMatchObject({ status: 201, body: { outcome: 'added', task: 1, message } });
    // The reason is for those who might add work.
    expect(JSON.stringify(await push(undefined, 'wrong'))).not.toContain('upgrade');
  });
});

describe('a webhook of GitLab', () => {
  const body = JSON.stringify(gitlabPush());

  it('is known by its token', async () => {
    const headers = { 'x-gitlab-token': SECRET, 'x-gitlab-event': 'Push Hook', 'idempotency-key': 'k-1' };
    expect(await post('gitlab', headers, body)).toMatchObject({ status: 201, body: { outcome: 'added' } });
    expect(await post('gitlab', headers, body)).toMatchObject({ status: 200, body: { outcome: 'known' } });
    expect(await post('gitlab', { ...headers, 'x-gitlab-token': 'x' }, body)).toMatchObject({ status: 401 });
  });

  it('is known by its signature, which is good for five minutes', async () => {
    const now = http.services.clock.now();
    expect(await post('gitlab', gitlabSignedHeaders(SIGNING_TOKEN, body, now), body)).toMatchObject({ status: 201 });
    const old = new Date(now.getTime() - 301_000);
    expect(await post('gitlab', gitlabSignedHeaders(SIGNING_TOKEN, body, old), body)).toMatchObject({ status: 401 });
  });

  it('that is signed is known by its signed id, whatever key is put beside it', async () => {
    const signed = gitlabSignedHeaders(SIGNING_TOKEN, body, http.services.clock.now());
    const send = (key: string) => post('gitlab', { ...signed, 'idempotency-key': key }, body);
    expect((await send('e1')).body).toMatchObject({ outcome: 'added', task: 1 });
    expect((await send('e2')).body).toMatchObject({ outcome: 'known', task: 1 });
  });

  it('of a version that gives deliveries no id is known by its body', async () => {
    const headers = { 'x-gitlab-token': SECRET, 'x-gitlab-event': 'Push Hook' };
    expect(await post('gitlab', headers, body)).toMatchObject({ status: 201 });
    expect(await post('gitlab', headers, body)).toMatchObject({ status: 200, body: { outcome: 'known' } });
  });
});
