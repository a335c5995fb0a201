import { createHmac } from 'node:crypto';

/** Payloads and signatures of webhooks, as the services document them; of each event what is read, and some of the rest. */

export const COMMIT = '1d4c540'.padEnd(40, 'a');

export const GITHUB_REPOSITORY = {
  id: 7,
  full_name: 'acme/app',
  private: true,
  clone_url: 'https://github.example/acme/app.git',
  ssh_url: 'git@github.example:acme/app.git',
};

export function githubPush(change: Readonly<Record<string, unknown>> = {}): object {
  const sender = { login: 'ann', type: 'User' };
  return { ref: 'refs/heads/main', after: COMMIT, deleted: false, repository: GITHUB_REPOSITORY, sender, ...change };
}

interface PullRequestChange {
  readonly action?: string;
  readonly merged?: boolean;
  readonly from?: string | null;
}

export function githubPullRequest({ action = 'opened', merged = false, from = 'acme/app' }: PullRequestChange): object {
  const repo = from === null ? null : { full_name: from };
  return {
    action,
    number: 7,
    pull_request: {
      title: 'More colours',
      head: { ref: 'colours', sha: COMMIT, repo },
      base: { ref: 'main', sha: 'b'.repeat(40), repo: { full_name: 'acme/app' } },
      merged,
      merge_commit_sha: merged ? 'c'.repeat(40) : null,
    },
    repository: GITHUB_REPOSITORY,
  };
}

const GITLAB_PROJECT = {
  id: 15,
  path_with_namespace: 'acme/tools/app',
  git_http_url: 'https://gitlab.example/acme/tools/app.git',
  git_ssh_url: 'git@gitlab.example:acme/tools/app.git',
};

export function gitlabPush(change: Readonly<Record<string, unknown>> = {}): object {
  return { object_kind: 'push', ref: 'refs/heads/main', after: COMMIT, project: GITLAB_PROJECT, ...change };
}

export function gitlabMergeRequest(attributes: Readonly<Record<string, unknown>> = {}): object {
  return {
    object_kind: 'merge_request',
    project: GITLAB_PROJECT,
    object_attributes: {
      iid: 9,
      action: 'open',
      source_branch: 'colours',
      target_branch: 'main',
      source_project_id: 15,
      target_project_id: 15,
      last_commit: { id: COMMIT },
      merge_commit_sha: null,
      ...attributes,
    },
  };
}

/** The headers of a delivery of GitHub with this very body. */
export function githubHeaders(secret: string, body: string, event = 'push', id = 'delivery-1'): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': id,
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
}

/** The headers of a delivery of GitLab with a signing token; `secret`: base64 after `whsec_`. */
export function gitlabSignedHeaders(secret: string, body: string, at: Date): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1_000);
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`id-1.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'x-gitlab-event': 'Push Hook',
    'webhook-id': 'id-1',
    'idempotency-key': 'id-1',
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}
