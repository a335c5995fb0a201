import type { ContainerEndCause, ParsedContainer } from '../script.ts';

/** What ended a container before its task asked for it. */
export interface ContainerEnding {
  readonly cause: ContainerEndCause;
  readonly exitLog?: string | undefined;
  readonly log?: string | undefined;
  readonly stdout?: string | undefined;
  readonly stderr?: string | undefined;
}

/** A container, as far as its last words tell of it. */
export interface EndingContainer {
  readonly script: ParsedContainer;
  readonly launch: { readonly environment: Readonly<Record<string, string>> };
  readonly launchedMs: number;
  /** Seconds since the launch. */
  readonly age: number;
  readonly processes: readonly unknown[];
}
