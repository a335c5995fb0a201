import { z } from 'zod';
import { branchOfRef, DeliveredCommit, isNoCommit, type Change } from './delivery.ts';
import { RefName, CloneAddress, RepositoryName } from './payload-fields.ts';

// https://docs.github.com/en/webhooks/webhook-events-and-payloads: of each event only what is read.
const Repository = z.object({ full_name: RepositoryName, clone_url: CloneAddress, ssh_url: CloneAddress });
const Push = z.object({ ref: RefName, after: DeliveredCommit, repository: Repository });
const Branch = z.object({
  ref: RefName,
  sha: DeliveredCommit,
  // Null when the repository of the branch was deleted.
  repo: z.object({ full_name: RepositoryName }).nullable(),
});
const PullRequestEvent = z.object({
  action: z.string(),
  number: z.int().positive(),
  pull_request: z.object({
    head: Branch,
    base: Branch,
    merged: z.boolean().nullish(),
    merge_commit_sha: DeliveredCommit.nullish(),
  }),
  repository: Repository,
});

const BUILT_ACTIONS: ReadonlySet<string> = new Set(['opened', 'synchronize', 'reopened']);

/** Reads the payload of an event of GitHub. Throws a ZodError for one that lacks what its event has. */
export function readGithubChange(event: string, payload: unknown): Change {
  if (event === 'ping') return { kind: 'nothing', why: 'The webhook of GitHub works.' };
  if (event === 'push') return readPush(Push.parse(payload));
  if (event === 'pull_request') return readPullRequest(PullRequestEvent.parse(payload));
  return { kind: 'nothing', why: `Nothing is built for the event "${event}".` };
}

function readPush({ ref, after, repository }: z.infer<typeof Push>): Change {
  const branch = branchOfRef(ref);
  if (branch === null) return { kind: 'nothing', why: `${ref} is no branch.` };
  if (isNoCommit(after)) return { kind: 'nothing', why: `The branch ${branch} was deleted.` };
  return { kind: 'push', ...of(repository), branch, commit: after };
}

function readPullRequest({ action, number, pull_request, repository }: z.infer<typeof PullRequestEvent>): Change {
  const { head, base, merged, merge_commit_sha } = pull_request;
  const isBuilt = BUILT_ACTIONS.has(action);
  if (!isBuilt && action !== 'closed') {
    return { kind: 'nothing', why: `Nothing is built for a pull request that is "${action}".` };
  }
  const kind = isBuilt ? 'pull_request' : merged === true ? 'merged' : 'closed';
  return {
    kind,
    ...of(repository),
    number,
    branch: head.ref,
    target: base.ref,
    commit: kind === 'merged' ? (merge_commit_sha ?? head.sha) : head.sha,
    headRef: `refs/pull/${number}/head`,
    isFork: head.repo?.full_name !== repository.full_name,
  };
}

function of({ full_name, clone_url, ssh_url }: z.infer<typeof Repository>): {
  repository: string;
  addresses: { https: string; ssh: string };
} {
  return { repository: full_name, addresses: { https: clone_url, ssh: ssh_url } };
}
