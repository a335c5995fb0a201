import { z } from 'zod';
import { AwsError } from './aws-error.ts';

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
]);
export type EcsFault = z.infer<typeof EcsFault>;

/** A fault of one running container, injected at once. `POST /_faults` takes these in its list too. */
export const ContainerFault = z.discriminatedUnion('kind', [
  /** SIGKILL to everything in the container, with a reason such as `OutOfMemoryError: …` for its description. */
  z.strictObject({ kind: z.literal('crash'), task: z.string(), reason: z.string().optional() }),
  /** AWS ends the container: SpotInterruption, TerminationNotice. */
  z.strictObject({ kind: z.literal('interrupt'), task: z.string(), stopCode: z.string(), reason: z.string() }),
]);
export type ContainerFault = z.infer<typeof ContainerFault>;

export interface Faults {
  add(faults: readonly z.input<typeof EcsFault>[]): void;
  clear(): void;
  list(): readonly EcsFault[];
  /** Throws the AWS error that this call must get, and returns when the connection must be reset. */
  onCall(action: string): { readonly reset: 'before' | 'after' | null };
  placementFailure(): string | null;
  startError(): string | null;
  extraDelayMs(status: string): number;
  missingWindowMs(): number;
  /** Whether the next exit code is lost. */
  losesExitCode(): boolean;
  showsStopped(): boolean;
}

export function createFaults(): Faults {
  let faults: EcsFault[] = [];

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
      faults.push(...added.map((fault) => EcsFault.parse(fault)));
    },
    clear() {
      faults = [];
    },
    list: () => faults,
    onCall(called) {
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
    showsStopped: () => faults.some((fault) => fault.kind === 'shown-as-stopped'),
    missingWindowMs: () => Math.max(0, ...faults.map((fault) => (fault.kind === 'missing-window' ? fault.ms : 0))),
  };
}
