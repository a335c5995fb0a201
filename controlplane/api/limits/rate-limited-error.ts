import { OperationalError } from '../../../shared/model/error.ts';

/** The sender makes more requests than it may. `retryAfterSeconds` goes into the answer's Retry-After. */
export class RateLimitedError extends OperationalError {
  override readonly name = 'RateLimitedError';
  readonly retryAfterSeconds: number;

  constructor(happened: string, waitSeconds: number) {
    // Retry-After has whole seconds (RFC 9110 section 10.2.3); rounded up, because an earlier request is refused again.
    const retryAfterSeconds = Math.max(1, Math.ceil(waitSeconds));
    super('RATE_LIMITED', { happened, remedy: `Wait ${retryAfterSeconds} s before the next request, and send fewer` });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
