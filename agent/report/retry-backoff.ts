import type { BackoffOptions } from '../../shared/support/backoff.ts';

/** signals.md 3: 0.5 s growing by half to 30 s, full jitter, without a limit of count. */
export const RETRY_BACKOFF: BackoffOptions = { firstMs: 500, maxMs: 30_000, factor: 1.5 };

/** A container that cannot be heard for so long tries another connection: AWS SDKs' default connect timeout. */
export const REQUEST_TIMEOUT_MS = 10_000;
