import type { Priority } from '../../shared/model/status.ts';
import { fits } from './branch-pattern.ts';
import type { BuildChange, HookDelivery } from './delivery.ts';
import type { Hook, HookEvent } from './hook.ts';

/** A task of the kind BuildSteps. */
export interface OrderedBuild {
  readonly options: Readonly<Record<string, unknown>>;
  readonly title: string;
  readonly group?: string;
  readonly priority?: Priority;
  readonly clientJobId: string;
  /** Earlier builds with this key are ended; absent: none are. */
  readonly supersedeKey?: string;
}

export type HookDecision =
  | { readonly kind: 'build'; readonly build: OrderedBuild }
  /** `why`: a sentence for people. */
  | { readonly kind: 'nothing'; readonly why: string };

const EVENTS: Readonly<Record<HookEvent, string>> = {
  push: 'build',
  pull_request: 'build',
  merged: 'pr-merged',
  closed: 'pr-closed',
};
const SHORT_COMMIT = 7;

/**
 * Decides what is built for a delivery. `hooks`: those whose secret the sender has, in the order of the file; the first that
 * fits decides. `dashboard`: the base address of the links in commit statuses.
 */
export function decideBuild(hooks: readonly Hook[], { keyFor, change }: HookDelivery, dashboard: string): HookDecision {
  if (change.kind === 'nothing') return change;
  const { repository, kind } = change;
  const ofRepository = hooks.filter(({ repositories }) => fits(repositories, repository));
  if (ofRepository.length === 0) return { kind: 'nothing', why: `No hook with this secret is for ${repository}.` };
  const ofEvent = ofRepository.filter(({ events }) => events.includes(kind));
  if (ofEvent.length === 0) return { kind: 'nothing', why: `The hook of ${repository} has no event ${kind}.` };
  const branch = kind === 'push' ? change.branch : change.target;
  const hook = ofEvent.find(({ branches }) => fits(branches, branch));
  if (!hook) return { kind: 'nothing', why: `The hook of ${repository} is not for the branch ${branch}.` };
  if (kind !== 'push' && change.isFork && !hook.forks) {
    return { kind: 'nothing', why: `Pull request ${change.number} is from a fork, which the hook does not build.` };
  }
  return { kind: 'build', build: orderOf(hook, keyFor(hook.id), change, dashboard) };
}

function orderOf(hook: Hook, key: string, change: BuildChange, dashboard: string): OrderedBuild {
  const { group, priority, service } = hook;
  const supersedeKey = supersedeKeyOf(hook, change);
  return {
    options: {
      vcsUri: change.addresses[hook.clone],
      ...targetOf(change),
      ...hook.options,
      ...sourceOf(change),
      event: EVENTS[change.kind],
      ...statusOf(hook, change, dashboard),
    },
    title: titleOf(change),
    ...(group !== undefined && { group }),
    ...(priority !== undefined && { priority }),
    clientJobId: `${service} ${key}`,
    ...(supersedeKey !== null && { supersedeKey }),
  };
}

/**
 * What a build is of, in the words of its hook: a branch, or a pull request. What follows a merged or closed one is done once
 * for each, so nothing supersedes it.
 */
function supersedeKeyOf({ id, service, supersedes }: Hook, change: BuildChange): string | null {
  if (!supersedes || change.kind === 'merged' || change.kind === 'closed') return null;
  const of = change.kind === 'push' ? `branch ${change.branch}` : `pull request ${change.number}`;
  return `${service} ${change.repository} ${of} ${id}`;
}

/** A pull request may come from a branch of the same name as one of this repository: its artefact has a place of its own. */
function targetOf(change: BuildChange): Record<string, string> {
  return change.kind === 'pull_request' ? { deployVcsPath: `pipelines-build-pr-${change.number}` } : {};
}

/** A branch that was merged or closed is usually deleted, and that of a fork is not here: both have a ref of the service. */
function sourceOf(change: BuildChange): Record<string, string> {
  if (change.kind === 'push') return { vcsPath: change.branch, vcsCommit: change.commit };
  if (change.kind === 'merged') return { vcsPath: change.target, vcsCommit: change.commit };
  if (change.kind === 'closed' || change.isFork) return { vcsPath: change.branch, mergeRef: change.headRef };
  return { vcsPath: change.branch, vcsCommit: change.commit };
}

function statusOf({ service, status }: Hook, change: BuildChange, dashboard: string): Record<string, string> {
  if (!status) return {};
  return {
    commitStatusService: service,
    commitStatusEndpoint: status.endpoint,
    commitStatusRepository: change.repository,
    commitStatusCommit: change.commit,
    commitStatusContext: status.context,
    commitStatusDashboard: dashboard,
    commitStatusToken: status.token.reveal(),
  };
}

function titleOf(change: BuildChange): string {
  const { repository, branch, commit } = change;
  const what = change.kind === 'push' ? branch : `pull request ${change.number} (${branch})`;
  const title = `${repository} ${what}@${commit.slice(0, SHORT_COMMIT)}`;
  return title.length <= 256 ? title : `${title.slice(0, 255)}…`;
}
