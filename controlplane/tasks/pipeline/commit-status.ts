import { z } from 'zod';
import { hasNoUser, NO_USER } from '../../../shared/text/shown-address.ts';
import type { ExitStatus } from '../../../shared/model/status.ts';
import { CommitName } from '../../../shared/model/commit-name.ts';
import type { SecretOption, StatusReport } from '../context.ts';
import type { OutgoingRequest } from '../outgoing-request.ts';

/** The options that tell a git service how the build of a commit goes. All or none, but for context and dashboard. */
export const COMMIT_STATUS_FIELDS = {
  commitStatusService: z.enum(['github', 'gitlab']).optional(),
  /** Base of the service's API: https://api.github.com, https://gitlab.com/api/v4. */
  commitStatusEndpoint: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .refine(hasNoUser, NO_USER)
    .optional(),
  /** `owner/name` at GitHub; the path or the number of a project at GitLab. */
  commitStatusRepository: z
    .string()
    .max(512)
    .regex(/^[\w.-]+(\/[\w.-]+)*$/, 'must be written owner/name')
    .optional(),
  /** The commit whose status it is. */
  commitStatusCommit: CommitName.optional(),
  /** Tells apart the statuses that several programs give to one commit. Default: wip. */
  commitStatusContext: z.string().min(1).max(255).optional(),
  /** Base address of the dashboard, for the link of the status. */
  commitStatusDashboard: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .refine(hasNoUser, NO_USER)
    .optional(),
  commitStatusToken: z.string().min(1).optional(),
};
export interface CommitStatusOptions extends z.infer<z.ZodObject<typeof COMMIT_STATUS_FIELDS>> {}

const NEEDED = [
  'commitStatusService',
  'commitStatusEndpoint',
  'commitStatusRepository',
  'commitStatusCommit',
  'commitStatusToken',
] as const;

export const COMMIT_STATUS_SEALED_OPTIONS = ['commitStatusToken'] as const;
export const COMMIT_STATUS_RECEIVER_OPTIONS = ['commitStatusEndpoint'] as const;

/** Returns the options that are missing beside those that are there. */
export function missingStatusOptions(options: Partial<CommitStatusOptions>): string[] {
  const missing = NEEDED.filter((name) => options[name] === undefined);
  return missing.length === NEEDED.length ? [] : missing;
}

const DEFAULT_CONTEXT = 'wip';
// What has changed is of interest for as long as somebody may look at the commit.
const GIVE_UP_SECONDS = 3 * 86_400;
// The limits of the services: 140 characters at GitHub, 255 at GitLab. One text serves both.
const MAX_DESCRIPTION = 140;

type Service = 'github' | 'gitlab';

// The words of the services. GitHub has no status for work under way and none for what was terminated.
const STATE_WHILE: Readonly<Record<Service, Readonly<Record<'queued' | 'running' | 'paused', string | null>>>> = {
  github: { queued: 'pending', running: 'pending', paused: 'pending' },
  // GitLab refuses to go back from running to pending.
  gitlab: { queued: 'pending', running: 'running', paused: null },
};
const STATE_OF_END: Readonly<Record<Service, Readonly<Record<ExitStatus, string>>>> = {
  github: {
    COMPLETED: 'success',
    WARNING: 'success',
    ERROR_USER: 'failure',
    ERROR_SYSTEM: 'error',
    TERMINATED: 'error',
    NOT_FINISHED: 'error',
  },
  gitlab: {
    COMPLETED: 'success',
    WARNING: 'success',
    ERROR_USER: 'failed',
    ERROR_SYSTEM: 'failed',
    TERMINATED: 'canceled',
    NOT_FINISHED: 'failed',
  },
};
const WORDS = { queued: 'The build is queued.', running: 'The build runs.', paused: 'The build is paused.' } as const;

/** Returns the request that tells the service of the task; null when nobody is to be told of it. */
export function statusOfCommit(
  options: CommitStatusOptions,
  taskUuid: string,
  report: StatusReport,
  secretOption: SecretOption,
): OutgoingRequest | null {
  const { commitStatusService: service, commitStatusEndpoint: endpoint } = options;
  const { commitStatusRepository: repository, commitStatusCommit: commit, commitStatusDashboard } = options;
  const token = secretOption('commitStatusToken');
  if (!service || !endpoint || !repository || !commit || typeof token !== 'string') return null;
  const state = stateOf(service, report);
  if (state === null) return null;
  const status = {
    state,
    context: options.commitStatusContext ?? DEFAULT_CONTEXT,
    description: descriptionOf(report),
    ...(commitStatusDashboard && { target_url: `${withoutSlash(commitStatusDashboard)}/tasks/${taskUuid}` }),
  };
  const base = withoutSlash(endpoint);
  return {
    method: 'POST',
    ...(service === 'github'
      ? { url: `${base}/repos/${repository}/statuses/${commit}`, headers: githubHeaders(token) }
      : {
          url: `${base}/projects/${encodeURIComponent(repository)}/statuses/${commit}`,
          headers: gitlabHeaders(token),
        }),
    body: JSON.stringify(status),
    giveUpAfterSeconds: GIVE_UP_SECONDS,
    order: 'commit status',
  };
}

function stateOf(service: Service, { status, end }: StatusReport): string | null {
  return status === 'ended' ? STATE_OF_END[service][end?.exit.status ?? 'NOT_FINISHED'] : STATE_WHILE[service][status];
}

function descriptionOf({ status, end }: StatusReport): string {
  const text = status === 'ended' ? (end?.exit.message ?? 'The build has ended.') : WORDS[status];
  const characters = [...text];
  return characters.length <= MAX_DESCRIPTION ? text : `${characters.slice(0, MAX_DESCRIPTION - 1).join('')}…`;
}

function githubHeaders(token: string): Record<string, string> {
  return {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    // GitHub refuses requests that do not name their program.
    'user-agent': 'wip',
    'x-github-api-version': '2022-11-28',
  };
}

function gitlabHeaders(token: string): Record<string, string> {
  return { 'content-type': 'application/json', 'private-token': token };
}

function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '');
}
