import { OperationalError } from '../../../shared/model/error.ts';
import type { LaunchOutcome } from '../../containers/container.ts';
import type { ClusterCandidate } from '../engine-deps.ts';

type NoRoom = LaunchOutcome & { kind: 'no_resources' };

/** A cluster that had no room for this launch. */
interface FullCluster {
  readonly name: string;
  readonly outcome: NoRoom;
}

export interface LaunchIntoFirstWithRoomDeps {
  readonly candidates: readonly ClusterCandidate[];
  /**
   * Launches for the n-th time, from 1. A repetition with the same number is the same launch, which stays in the cluster of its
   * intent even if the candidate has changed.
   */
  readonly launch: (nth: number, candidate: ClusterCandidate) => Promise<LaunchOutcome>;
  /** Returns the name of the cluster of the last launch. */
  readonly launchedInto: () => string | null;
  readonly onUnusable: (candidate: ClusterCandidate, error: OperationalError) => void;
}

/**
 * Launches into the first cluster that has room. The next one is tried only after ECS has answered that it started
 * nothing, and that answer is stored: any other outcome may have left a container behind.
 */
export async function launchIntoFirstWithRoom(deps: LaunchIntoFirstWithRoomDeps): Promise<LaunchOutcome> {
  const full: FullCluster[] = [];
  for (let nth = 1; ; nth += 1) {
    const candidate = nextCandidate(deps.candidates, full);
    if (!candidate) return withAll(full);
    const outcome = await launchNext(deps, nth, candidate);
    if (outcome.kind !== 'no_resources') return withReason(outcome, full);
    full.push({ name: deps.launchedInto() ?? candidate.name, outcome });
  }
}

async function launchNext(
  deps: LaunchIntoFirstWithRoomDeps,
  nth: number,
  candidate: ClusterCandidate,
): Promise<LaunchOutcome> {
  try {
    return await deps.launch(nth, candidate);
  } catch (error) {
    // An error of the first cluster fails the task, because the cluster must be corrected. An error of a fallback does not,
    // because the task can wait for the first cluster.
    if (nth === 1 || !(error instanceof OperationalError) || error.code !== 'CONFIG_INVALID') throw error;
    deps.onUnusable(candidate, error);
    return { kind: 'no_resources', cause: 'cluster-unusable', sentence: error.happened, remedy: error.remedy };
  }
}

/** Returns the candidate after those that are full, with the reason for it. */
function nextCandidate(candidates: readonly ClusterCandidate[], full: readonly FullCluster[]): ClusterCandidate | null {
  const next = candidates.find(({ name }) => full.every((one) => one.name !== name));
  if (!next) return null;
  return full.length === 0 ? next : { ...next, reason: full.map(describe).join('; ') };
}

function describe({ name, outcome }: FullCluster): string {
  return `"${name}" has no room (${outcome.sentence})`;
}

function withAll(full: readonly FullCluster[]): LaunchOutcome {
  const [first] = full;
  if (!first) throw new Error('a container was launched without any cluster');
  if (full.length === 1) return first.outcome;
  const sentence = `No cluster of ${full.length} has room: ${full.map(describe).join('; ')}`;
  return { ...first.outcome, sentence };
}

function withReason(outcome: LaunchOutcome, full: readonly FullCluster[]): LaunchOutcome {
  if (outcome.kind !== 'launched' || full.length === 0) return outcome;
  return { ...outcome, reason: full.map(describe).join('; ') };
}
