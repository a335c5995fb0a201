import { z } from 'zod';
import type { Clock } from '../../../shared/time/clock.ts';
import { seededRandom, type Random } from '../../statetable/seeded-random.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { LocalTask } from '../local-state.ts';
import { createServerBuckets } from '../protocol/server-buckets.ts';

const times = z.int().min(1).nullable().default(1); // null: until the faults are cleared
const action = z.string().default('*');
const Milliseconds = z.int().min(0).max(86_400_000);

/** A fault of the next calls or tasks. `POST /_faults` takes a list of these. */
export const EcsFault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('throttle'), action, times }),
  z.strictObject({ kind: z.literal('access-denied'), action, times }),
  z.strictObject({ kind: z.literal('expired-token'), action, times }),
  z.strictObject({ kind: z.literal('server-error'), action, times }),
  /** Any other error of AWS, by type and message: ECS reports errors of other services under names of its own. */
  z.strictObject({
    kind: z.literal('error'),
    action,
    times,
    type: z.string(),
    message: z.string(),
    status: z.int().min(400).max(599).default(400),
  }),
  /** The connection is reset before the call is carried out, or after it and before the answer. */
  z.strictObject({ kind: z.literal('reset-before'), action, times }),
  z.strictObject({ kind: z.literal('reset-after'), action, times }),
  /** RunTask answers this failure: RESOURCE:MEMORY, AGENT, … */
  z.strictObject({ kind: z.literal('no-placement'), reason: z.string(), times }),
  /** Tasks younger than this are MISSING to DescribeTasks. */
  z.strictObject({ kind: z.literal('missing-window'), ms: Milliseconds, times: z.null().default(null) }),
  /** A task stays this much longer in a status. */
  z.strictObject({ kind: z.literal('slow'), status: z.string(), ms: Milliseconds, times }),
  /** The container cannot be started. The reason is in ECS's words, such as `CannotPullContainerError: …`. */
  z.strictObject({ kind: z.literal('start-error'), reason: z.string(), times }),
  /** ECS does not learn the exit code of the next container that ends. */
  z.strictObject({ kind: z.literal('no-exit-code'), times }),
  /** DescribeTasks says STOPPED although the container runs. */
  z.strictObject({ kind: z.literal('shown-as-stopped'), times: z.null().default(null) }),
  /** DescribeTasks says RUNNING although the container is over: ECS may notice an end late, or never. */
  z.strictObject({ kind: z.literal('shown-as-running'), times: z.null().default(null) }),
  /** A task stays in PROVISIONING and then ends without a container, as when no capacity comes. */
  z.strictObject({
    kind: z.literal('provisioning-expires'),
    reason: z.string().default('Timeout waiting for capacity to be provisioned.'),
    times,
  }),
  /** Calls beyond the rates that ECS grants an account are throttled. */
  z.strictObject({ kind: z.literal('quotas'), times: z.null().default(null) }),
]);
export type EcsFault = z.infer<typeof EcsFault>;

/** Faults by chance: the same seed gives the same faults for the same calls. */
export const FaultSchedule = z.strictObject({
  kind: z.literal('schedule'),
  seed: z.int(),
  /** The probability that a call meets one of `faults`, each as likely as the others. */
  probability: z.number().min(0).max(1),
  faults: z.array(EcsFault).min(1),
});
export type FaultSchedule = z.infer<typeof FaultSchedule>;

/** A fault of what runs, injected at once. `POST /_faults` takes these in its list too. */
export const ContainerFault = z.discriminatedUnion('kind', [
  /** SIGKILL to everything in the container, with a reason such as `OutOfMemoryError: …` for its description. */
  z.strictObject({ kind: z.literal('crash'), task: z.string(), reason: z.string().optional() }),
  /** AWS ends the container: SpotInterruption, TerminationNotice. */
  z.strictObject({ kind: z.literal('interrupt'), task: z.string(), stopCode: z.string(), reason: z.string() }),
  /** A machine is lost, with all that runs on it. */
  z.strictObject({
    kind: z.literal('lose-instance'),
    cluster: z.string().default('default'),
    containerInstance: z.string(),
  }),
  /** The ECS agent of a machine is not connected: what runs there goes on, and RunTask says AGENT of it. */
  z.strictObject({
    kind: z.literal('agent-disconnected'),
    cluster: z.string().default('default'),
    containerInstance: z.string(),
  }),
  /** The agent of a container instance is connected again. */
  z.strictObject({
    kind: z.literal('agent-connected'),
    cluster: z.string().default('default'),
    containerInstance: z.string(),
  }),
  /** A machine joins the cluster in place of the first that was lost, as when it is scaled up. */
  z.strictObject({ kind: z.literal('join-instance'), cluster: z.string().default('default') }),
]);
export type ContainerFault = z.infer<typeof ContainerFault>;

export interface Faults {
  add(faults: readonly (z.input<typeof EcsFault> | z.input<typeof FaultSchedule>)[]): void;
  clear(): void;
  list(): readonly (EcsFault | FaultSchedule)[];
  /** Throws the AWS error that this call must get, and returns when the connection must be reset. */
  onCall(action: string): { readonly reset: 'before' | 'after' | null };
  placementFailure(): string | null;
  startError(): string | null;
  extraDelayMs(status: string): number;
  missingWindowMs(): number;
  /** Whether the next exit code is lost. */
  losesExitCode(): boolean;
  /** The status in which DescribeTasks shows a task, where it is not its own. */
  shownStatus(task: Pick<LocalTask, 'lastStatus' | 'startedAt'>): 'RUNNING' | 'STOPPED' | null;
  /** The reason with which the task that begins ends in PROVISIONING; null when it does not. */
  provisioningExpiry(): string | null;
}

export function createFaults(clock: Pick<Clock, 'now'>): Faults {
  let faults: EcsFault[] = [];
  let schedules: { readonly schedule: FaultSchedule; readonly random: Random }[] = [];
  const buckets = createServerBuckets(clock);

  /** Returns the first fault that matches, and removes it once it has been taken its number of times. */
  function take<K extends EcsFault['kind']>(
    kind: K,
    fits: (fault: Extract<EcsFault, { kind: K }>) => boolean,
  ): Extract<EcsFault, { kind: K }> | null {
    const isOfKind = (fault: EcsFault): fault is Extract<EcsFault, { kind: K }> => fault.kind === kind;
    const found = faults.filter(isOfKind).find(fits);
    if (!found) return null;
    if (found.times !== null) {
      const left = found.times - 1;
      faults = faults.flatMap((fault) =>
        fault !== found ? [fault] : left > 0 ? [{ ...fault, times: left } as EcsFault] : [],
      );
    }
    return found;
  }

  return {
    add(added) {
      for (const each of added.map((fault) => z.union([EcsFault, FaultSchedule]).parse(fault))) {
        if (each.kind === 'schedule') schedules.push({ schedule: each, random: seededRandom(each.seed) });
        else faults.push(each);
      }
    },
    clear() {
      faults = [];
      schedules = [];
    },
    list: () => [...faults, ...schedules.map(({ schedule }) => schedule)],
    onCall(called) {
      faults.push(...schedules.flatMap(drawFault));
      if (faults.some(({ kind }) => kind === 'quotas') && !buckets.take(called)) {
        throw new AwsError('ThrottlingException', 'Rate exceeded');
      }
      const fits = (fault: { action: string }): boolean => fault.action === '*' || fault.action === called;
      if (take('throttle', fits)) throw new AwsError('ThrottlingException', 'Rate exceeded');
      if (take('access-denied', fits)) {
        throw new AwsError(
          'AccessDeniedException',
          `User: arn:aws:iam::000000000000:user/local is not authorized to perform: ecs:${called}`,
        );
      }
      if (take('expired-token', fits)) {
        throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired');
      }
      if (take('server-error', fits))
        throw new AwsError('ServerException', 'Service Unavailable. Please try again later.', 500);
      const other = take('error', fits);
      if (other) throw new AwsError(other.type, other.message, other.status);
      if (take('reset-before', fits)) return { reset: 'before' };
      return { reset: take('reset-after', fits) ? 'after' : null };
    },
    placementFailure: () => take('no-placement', () => true)?.reason ?? null,
    startError: () => take('start-error', () => true)?.reason ?? null,
    extraDelayMs: (status) => take('slow', (fault) => fault.status === status)?.ms ?? 0,
    losesExitCode: () => take('no-exit-code', () => true) !== null,
    shownStatus({ lastStatus, startedAt }) {
      if (faults.some((fault) => fault.kind === 'shown-as-stopped')) return 'STOPPED';
      const isOver = lastStatus === 'STOPPED' || lastStatus === 'DEPROVISIONING';
      return isOver && startedAt !== null && faults.some((fault) => fault.kind === 'shown-as-running')
        ? 'RUNNING'
        : null;
    },
    provisioningExpiry: () => take('provisioning-expires', () => true)?.reason ?? null,
    missingWindowMs: () => Math.max(0, ...faults.map((fault) => (fault.kind === 'missing-window' ? fault.ms : 0))),
  };
}

function drawFault({ schedule, random }: { schedule: FaultSchedule; random: Random }): readonly EcsFault[] {
  if (random() >= schedule.probability) return [];
  const fault = schedule.faults[Math.floor(random() * schedule.faults.length)];
  return fault ? [fault] : [];
}
