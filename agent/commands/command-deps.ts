import type { Environment } from '../config/agent-config.ts';

/** What the commands that end at once touch; main.ts hands it in. */
export interface CommandDeps {
  readonly environment: Environment;
  /** Where the image's files are: `/`. */
  readonly imageRoot: string;
  readonly monotonicMs: () => number;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}
