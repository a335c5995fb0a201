import type { LaunchOutcome } from '../../controlplane/containers/container.ts';
import type { LaunchIdentity, LaunchLedger, LaunchRequest } from '../../controlplane/containers/launch-ledger.ts';

/** A launch ledger that keeps one launch in memory, as plain JSON, through any number of EcsContainer objects. */
export class MemoryLedger implements LaunchLedger {
  readonly identity: LaunchIdentity;
  readonly settled: LaunchOutcome[] = [];
  #stored: string | null = null;

  constructor(identity: LaunchIdentity) {
    this.identity = identity;
  }

  async intend(
    build: (identity: LaunchIdentity) => Promise<LaunchRequest>,
  ): Promise<{ request: LaunchRequest; outcome: LaunchOutcome | null }> {
    const built = JSON.stringify(await build(this.identity));
    this.#stored ??= built;
    const last = this.settled.at(-1);
    const outcome = last && last.kind !== 'no_information' ? last : null;
    return { request: JSON.parse(this.#stored) as LaunchRequest, outcome };
  }

  settle(outcome: LaunchOutcome): Promise<void> {
    this.settled.push(outcome);
    return Promise.resolve();
  }

  /** The request as it was stored first. */
  get request(): LaunchRequest {
    if (!this.#stored) throw new Error('nothing was intended');
    return JSON.parse(this.#stored) as LaunchRequest;
  }

  /** Moves the launch into the past, as if the node had died long ago. */
  age(ms: number): void {
    const { request } = this;
    const createdAt = new Date(Date.parse(request.createdAt) - ms).toISOString();
    this.#stored = JSON.stringify({ ...request, createdAt });
  }
}
