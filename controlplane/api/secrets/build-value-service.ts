import { sealBuildValue } from '../../keys/build-values.ts';

/** Seals values for `secure:` in build files. */
export interface BuildValueService {
  /** PEM, for those who seal on their own machine. */
  publicKey(): string;
  /** Returns the text to put behind `secure:`. */
  seal(value: string): Promise<string>;
}

export function createBuildValueService(publicKey: string): BuildValueService {
  return { publicKey: () => publicKey, seal: (value) => sealBuildValue(publicKey, value) };
}
