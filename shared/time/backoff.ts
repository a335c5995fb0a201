export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly factor: number;
}

/**
 * Full jitter (a uniform draw below an exponential ceiling) spreads a herd of retries better than any fixed
 * sequence: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. `attempt` counts from 0, `random`
 * gives [0, 1).
 */
export function backoffMs(options: BackoffOptions, attempt: number, random: () => number): number {
  const ceiling = Math.min(options.maxMs, options.firstMs * options.factor ** attempt);
  return Math.round(random() * ceiling);
}
