import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../shared/keys/secret.ts';
import { fits } from '../../../controlplane/hooks/branch-pattern.ts';
import { decideBuild, type OrderedBuild } from '../../../controlplane/hooks/decide-build.ts';
import type { Change } from '../../../controlplane/hooks/delivery.ts';
import { readGithubChange } from '../../../controlplane/hooks/github-delivery.ts';
import type { Hook } from '../../../controlplane/hooks/hook.ts';
import { COMMIT, githubPullRequest, githubPush } from '../../kit/network/webhooks.ts';

const HOOK: Hook = {
  service: 'github',
  id: 'first',
  repositories: ['acme/*'],
  secrets: [new Secret('s')],
  events: ['push', 'pull_request', 'merged', 'closed'],
  branches: ['main', 'release/*'],
  forks: false,
  supersedes: false,
  clone: 'https',
  options: {},
  status: null,
};
const PUSH = readGithubChange('push', githubPush());

function pullRequest(change: Parameters<typeof githubPullRequest>[0] = {}): Change {
  return readGithubChange('pull_request', githubPullRequest(change));
}

function decide(change: Change, ...hooks: Partial<Hook>[]) {
  const all = (hooks.length === 0 ? [{}] : hooks).map((hook) => ({ ...HOOK, ...hook }));
  return decideBuild(all, { keyFor: () => 'd-1', change }, 'https://wip.example');
}

function built(change: Change, ...hooks: Partial<Hook>[]): OrderedBuild {
  const decision = decide(change, ...hooks);
  if (decision.kind === 'nothing') throw new Error(decision.why);
  return decision.build;
}

describe('what is built for a webhook', () => {
  it('is the very commit that was pushed', () => {
    expect(built(PUSH, { group: 'apps', priority: 'HIGH' })).toEqual({
      title: 'acme/app main@1d4c540',
      group: 'apps',
      priority: 'HIGH',
      clientJobId: 'github d-1',
      options: {
        vcsUri: 'https://github.example/acme/app.git',
        vcsPath: 'main',
        vcsCommit: COMMIT,
        event: 'build',
      },
    });
  });

  it('has the options of the hook, which cannot say another source', () => {
    const options = { deployVcsUri: 'git@x:y.git', vcsUri: 'https://mirror.example/app.git', containerMaxTime: 60 };
    expect(built(PUSH, { options: { ...options, vcsPath: 'evil' } }).options).toMatchObject({
      ...options,
      vcsPath: 'main',
    });
  });

  it('is cloned over SSH where the hook says so', () => {
    expect(built(PUSH, { clone: 'ssh' }).options).toMatchObject({ vcsUri: 'git@github.example:acme/app.git' });
  });

  it('is the commit of a pull request, whose artefact cannot take the place of another branch', () => {
    expect(built(pullRequest())).toMatchObject({
      title: 'acme/app pull request 7 (colours)@1d4c540',
      options: { vcsPath: 'colours', vcsCommit: COMMIT, deployVcsPath: 'pipelines-build-pr-7', event: 'build' },
    });
  });

  it('is the ref that the service keeps of a fork, and only where forks are built', () => {
    const ofFork = pullRequest({ from: 'eve/app' });
    expect(decide(ofFork)).toEqual({
      kind: 'nothing',
      why: 'Pull request 7 is from a fork, which the hook does not build.',
    });
    const { options } = built(ofFork, { forks: true });
    expect(options).toMatchObject({ mergeRef: 'refs/pull/7/head', deployVcsPath: 'pipelines-build-pr-7' });
    expect(options).not.toHaveProperty('vcsCommit');
  });

  it('runs the steps of pr-merged at the commit that came to be on the target', () => {
    const { options } = built(pullRequest({ action: 'closed', merged: true }));
    expect(options).toMatchObject({ event: 'pr-merged', vcsPath: 'main', vcsCommit: 'c'.repeat(40) });
  });

  it('runs the steps of pr-closed, though the branch is deleted', () => {
    const { options } = built(pullRequest({ action: 'closed' }));
    expect(options).toMatchObject({ event: 'pr-closed', vcsPath: 'colours', mergeRef: 'refs/pull/7/head' });
  });

  it('tells the service the status of the commit', () => {
    const status = { token: new Secret('t'), endpoint: 'https://api.github.com', context: 'wip/build' };
    expect(built(PUSH, { status }).options).toMatchObject({
      commitStatusService: 'github',
      commitStatusEndpoint: 'https://api.github.com',
      commitStatusRepository: 'acme/app',
      commitStatusCommit: COMMIT,
      commitStatusContext: 'wip/build',
      commitStatusDashboard: 'https://wip.example',
      commitStatusToken: 't',
    });
  });

  it('supersedes builds of the same branch or pull request by the same hook, where the hook says so', () => {
    const hook = { supersedes: true };
    const [main, request] = [built(PUSH, hook).supersedeKey, built(pullRequest(), hook).supersedeKey];
    expect(main).toBe('github acme/app branch main first');
    expect(request).toBe('github acme/app pull request 7 first');
    expect(built(PUSH, { ...hook, id: 'second' }).supersedeKey).not.toBe(main);
    expect(built(PUSH)).not.toHaveProperty('supersedeKey');
  });

  it('supersedes nothing after a pull request was merged or closed: its steps are for each one', () => {
    const closed = [pullRequest({ action: 'closed', merged: true }), pullRequest({ action: 'closed' })];
    for (const change of closed) expect(built(change, { supersedes: true })).not.toHaveProperty('supersedeKey');
  });

  it('is by the first hook that fits', () => {
    const hooks = [{ repositories: ['other/*'] }, { branches: ['dev'] }, { group: 'first' }, { group: 'second' }];
    expect(built(PUSH, ...hooks).group).toBe('first');
  });

  it.each<[string, Partial<Hook>]>([
    ['No hook with this secret is for acme/app.', { repositories: ['acme/other'] }],
    ['The hook of acme/app has no event push.', { events: ['pull_request'] }],
    ['The hook of acme/app is not for the branch main.', { branches: ['release/*'] }],
  ])('is nothing: %s', (why, hook) => {
    expect(decide(PUSH, hook)).toEqual({ kind: 'nothing', why });
  });
});

describe('a pattern', () => {
  it.each<[readonly string[], string, boolean]>([
    [[], 'anything', true],
    [['main'], 'main', true],
    [['main'], 'main2', false],
    [['main'], 'amain', false],
    [['release/*'], 'release/2.0/hotfix', true],
    [['release/*'], 'release', false],
    [['*', '!dependabot/*'], 'dependabot/npm', false],
    [['!dependabot/*'], 'main', true],
    [['a.c'], 'abc', false],
    [['[main]'], '[main]', true],
    [['a*a'], 'a', false],
    [['a*a'], 'aa', true],
    [['*'], '', true],
    [['**x'], 'x', true],
    [['ab*bc'], 'abc', false],
    [['*\n*'], 'a\nb', true],
  ])('%j fits %s: %s', (patterns, name, does) => {
    expect(fits(patterns, name)).toBe(does);
  });

  it('means what the regular expression with .* for each star means', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, given) => {
        const name = given.replaceAll('*', '');
        expect(fits([pattern], name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
      }),
    );
  });

  it('release/*-*-*-x does not stop the node for a branch of many hyphens', () => {
    for (const pattern of ['release/*-*-*-x', '*-*-*-*-*-*-*-*x', `${'*-'.repeat(200)}x`]) {
      expect(fits([pattern], `release/${'-'.repeat(50_000)}`)).toBe(false);
      expect(fits([`!${pattern}`], `release/${'-'.repeat(50_000)}`)).toBe(true);
    }
  });
});
