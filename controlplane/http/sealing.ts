export interface SealWorld {
  /** PEM, for those who seal on their own machine. */
  readonly buildStepsPublicKey: () => Promise<string>;
  /** The text to put behind `secure:` in a build file. */
  readonly encrypt: (value: string) => Promise<string>;
}
