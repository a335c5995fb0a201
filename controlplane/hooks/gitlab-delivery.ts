import { z } from 'zod';
import { branchOfRef, DeliveredCommit, isNoCommit, type Change } from './delivery.ts';
import { RefName, CloneAddress, RepositoryName } from './payload-fields.ts';

// https://docs.gitlab.com/user/project/integrations/webhook_events/: of each event only what is read.
const Project = z.object({
  path_with_namespace: RepositoryName,
  git_http_url: CloneAddress,
  git_ssh_url: CloneAddress,
});
const Push = z.object({ ref: RefName, after: DeliveredCommit, project: Project });
const MergeRequest = z.object({
  project: Project,
  object_attributes: z.object({
    iid: z.int().positive(),
    action: z.string().optional(),
    /** The commit before the push; present when commits were pushed. */
    oldrev: z.string().optional(),
    source_branch: RefName,
    target_branch: RefName,
    source_project_id: z.int(),
    target_project_id: z.int(),
    last_commit: z.object({ id: DeliveredCommit }),
    merge_commit_sha: DeliveredCommit.nullish(),
  }),
});
const Kind = z.object({ object_kind: z.string() });

const KINDS: Readonly<Record<string, 'pull_request' | 'merged' | 'closed'>> = {
  open: 'pull_request',
  reopen: 'pull_request',
  update: 'pull_request',
  merge: 'merged',
  close: 'closed',
};

/** Reads the payload of an event of GitLab. Throws a ZodError for one that lacks what its event has. */
export function readGitlabChange(payload: unknown): Change {
  const { object_kind: kind } = Kind.parse(payload);
  if (kind === 'push') return readPush(Push.parse(payload));
  if (kind === 'merge_request') return readMergeRequest(MergeRequest.parse(payload));
  return { kind: 'nothing', why: `Nothing is built for the event "${kind}".` };
}

function readPush({ ref, after, project }: z.infer<typeof Push>): Change {
  const branch = branchOfRef(ref);
  if (branch === null) return { kind: 'nothing', why: `${ref} is no branch.` };
  if (isNoCommit(after)) return { kind: 'nothing', why: `The branch ${branch} was deleted.` };
  return { kind: 'push', ...of(project), branch, commit: after };
}

function readMergeRequest({ project, object_attributes: request }: z.infer<typeof MergeRequest>): Change {
  const { action = '', iid, last_commit } = request;
  const kind = KINDS[action];
  if (!kind) return { kind: 'nothing', why: `Nothing is built for a merge request with the action "${action}".` };
  if (action === 'update' && request.oldrev === undefined) {
    return { kind: 'nothing', why: 'The merge request changed and its commits did not.' };
  }
  return {
    kind,
    ...of(project),
    number: iid,
    branch: request.source_branch,
    target: request.target_branch,
    commit: kind === 'merged' ? (request.merge_commit_sha ?? last_commit.id) : last_commit.id,
    headRef: `refs/merge-requests/${iid}/head`,
    isFork: request.source_project_id !== request.target_project_id,
  };
}

function of({ path_with_namespace, git_http_url, git_ssh_url }: z.infer<typeof Project>): {
  repository: string;
  addresses: { https: string; ssh: string };
} {
  return { repository: path_with_namespace, addresses: { https: git_http_url, ssh: git_ssh_url } };
}
