import type { LaunchOutcome } from '../../../controlplane/containers/container.ts';
import type { LaunchIdentity, LaunchLedger, LaunchRequest } from '../../../controlplane/containers/launch-ledger.ts';

/** A launch ledger that keeps one launch in memory, as plain JSON, through any number of containers. */
export class MemoryLedger {
  readonly identity: LaunchIdentity;
  readonly settled: LaunchOutcome[] = [];
  #stored: string | null = null;

  constructor(identity: LaunchIdentity) {
    this.identity = identity;
  }

  /** Returns the ledger of launches into this cluster. */
  into<Target>(target: Target): LaunchLedger<Target> {
    return {
      intend: async (build) => {
        this.#stored ??= JSON.stringify(await build(this.identity, target));
        const last = this.settled.at(-1);
        const outcome = last && last.kind !== 'no_information' ? last : null;
        return { request: this.request, outcome, target };
      },
      settle: (outcome) => Promise.resolve(void this.settled.push(outcome)),
    };
  }

  /** Returns the request that was stored first. */
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
