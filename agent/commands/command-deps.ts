import type { Environment } from '../config/agent-config.ts';

/** Dependencies of the commands that end at once; main.ts hands them in. */
export interface CommandDeps {
  readonly environment: Environment;
  /** Directory of the image's files: `/`. */
  readonly imageRoot: string;
  readonly monotonicMs: () => number;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}
