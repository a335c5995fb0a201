import type { Priority } from '../../shared/model/status.ts';
import type { Secret } from '../../shared/keys/secret.ts';
import type { BuildChange } from './delivery.ts';
import type { HookService } from './verify-delivery.ts';

export const HOOK_EVENTS = ['push', 'pull_request', 'merged', 'closed'] as const satisfies BuildChange['kind'][];
export type HookEvent = (typeof HOOK_EVENTS)[number];

/** An entry of the file of webhooks, with what its files hold. */
export interface Hook {
  readonly service: HookService;
  /** The same for the same entry of the file, whatever its secrets are, and different for different ones of a service. */
  readonly id: string;
  /** Patterns of `owner/name`. */
  readonly repositories: readonly string[];
  /** Any of them signs. More than one while a secret is replaced. */
  readonly secrets: readonly Secret<string>[];
  readonly events: readonly HookEvent[];
  /** Patterns of the branch that was pushed, or that a pull request goes to. */
  readonly branches: readonly string[];
  /** Whether pull requests of other repositories are built: with the options and keys of this hook. */
  readonly forks: boolean;
  /** Whether a build ends the earlier ones of the same branch or pull request that have not ended. */
  readonly supersedes: boolean;
  readonly clone: 'https' | 'ssh';
  readonly group?: string | undefined;
  readonly priority?: Priority | undefined;
  /** Options of BuildSteps. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly status: CommitStatus | null;
}

interface CommitStatus {
  readonly token: Secret<string>;
  readonly endpoint: string;
  readonly context: string;
}
