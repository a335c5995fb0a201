import { describe, expect, it } from 'vitest';
import { readGithubChange } from '../../../controlplane/hooks/github-delivery.ts';
import { readGitlabChange } from '../../../controlplane/hooks/gitlab-delivery.ts';
import {
  COMMIT,
  GITHUB_REPOSITORY,
  githubPullRequest,
  githubPush,
  gitlabMergeRequest,
  gitlabPush,
} from '../../kit/network/webhooks.ts';

const NOTHING = '0'.repeat(40);

describe('a delivery of GitHub', () => {
  it('tells the branch and the commit of a push', () => {
    expect(readGithubChange('push', githubPush())).toEqual({
      kind: 'push',
      repository: 'acme/app',
      addresses: { https: 'https://github.example/acme/app.git', ssh: 'git@github.example:acme/app.git' },
      branch: 'main',
      commit: COMMIT,
    });
  });

  it.each([
    ['opened', false, 'pull_request', COMMIT],
    ['synchronize', false, 'pull_request', COMMIT],
    ['reopened', false, 'pull_request', COMMIT],
    ['closed', true, 'merged', 'c'.repeat(40)],
    ['closed', false, 'closed', COMMIT],
  ])('tells a pull request that is %s (merged: %s) as %s', (action, merged, kind, commit) => {
    expect(readGithubChange('pull_request', githubPullRequest({ action, merged }))).toMatchObject({
      kind,
      number: 7,
      branch: 'colours',
      target: 'main',
      commit,
      headRef: 'refs/pull/7/head',
      isFork: false,
    });
  });

  it.each(['eve/app', null])('tells a fork, whose repository is %s', (from) => {
    expect(readGithubChange('pull_request', githubPullRequest({ from }))).toMatchObject({ isFork: true });
  });

  it.each<[string, string, object]>([
    ['The webhook of GitHub works.', 'ping', { zen: 'Speak like a human.' }],
    ['refs/tags/v1 is no branch.', 'push', githubPush({ ref: 'refs/tags/v1' })],
    ['The branch main was deleted.', 'push', githubPush({ after: NOTHING, deleted: true })],
    [
      'Nothing is built for a pull request that is "labeled".',
      'pull_request',
      githubPullRequest({ action: 'labeled' }),
    ],
    ['Nothing is built for the event "star".', 'star', {}],
  ])('is nothing to build: %s', (why, event, payload) => {
    expect(readGithubChange(event, payload)).toEqual({ kind: 'nothing', why });
  });

  it('has a commit in small letters, however it was sent', () => {
    const push = { ...githubPush(), after: 'ABCDEF1234'.repeat(4) };
    expect(readGithubChange('push', push)).toMatchObject({ commit: 'abcdef1234'.repeat(4) });
  });

  it('that lacks what its event has is refused', () => {
    expect(() => readGithubChange('push', { ref: 'refs/heads/main' })).toThrow(/after/);
  });

  it.each([
    ['ref', githubPush({ ref: `refs/heads/${'-'.repeat(4_000)}` })],
    ['after', githubPush({ after: '1'.repeat(1_000) })],
    ['full_name', githubPush({ repository: { ...GITHUB_REPOSITORY, full_name: 'a/'.repeat(1_000) } })],
  ])('with a name that no service gives is refused: %s', (field, payload) => {
    expect(() => readGithubChange('push', payload)).toThrow(field);
  });
});

describe('a delivery of GitLab', () => {
  it('tells the branch and the commit of a push', () => {
    expect(readGitlabChange(gitlabPush())).toEqual({
      kind: 'push',
      repository: 'acme/tools/app',
      addresses: {
        https: 'https://gitlab.example/acme/tools/app.git',
        ssh: 'git@gitlab.example:acme/tools/app.git',
      },
      branch: 'main',
      commit: COMMIT,
    });
  });

  it.each([
    [{ action: 'open' }, 'pull_request', COMMIT],
    [{ action: 'reopen' }, 'pull_request', COMMIT],
    [{ action: 'update', oldrev: 'b'.repeat(40) }, 'pull_request', COMMIT],
    [{ action: 'merge', merge_commit_sha: 'c'.repeat(40) }, 'merged', 'c'.repeat(40)],
    [{ action: 'merge' }, 'merged', COMMIT],
    [{ action: 'close' }, 'closed', COMMIT],
  ])('tells a merge request %j as %s', (attributes, kind, commit) => {
    const change = readGitlabChange(gitlabMergeRequest(attributes));
    expect(change).toMatchObject({ kind, number: 9, branch: 'colours', target: 'main', commit, isFork: false });
    expect(change).toMatchObject({ headRef: 'refs/merge-requests/9/head' });
  });

  it('tells a fork', () => {
    expect(readGitlabChange(gitlabMergeRequest({ source_project_id: 99 }))).toMatchObject({ isFork: true });
  });

  it.each<[string, object]>([
    ['refs/tags/v1 is no branch.', gitlabPush({ ref: 'refs/tags/v1' })],
    ['The branch main was deleted.', gitlabPush({ after: NOTHING })],
    ['The merge request changed and its commits did not.', gitlabMergeRequest({ action: 'update' })],
    ['Nothing is built for a merge request with the action "approved".', gitlabMergeRequest({ action: 'approved' })],
    ['Nothing is built for the event "note".', { object_kind: 'note' }],
  ])('is nothing to build: %s', (why, payload) => {
    expect(readGitlabChange(payload)).toEqual({ kind: 'nothing', why });
  });
});
