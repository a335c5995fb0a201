import { formatSeconds } from '../../../shared/model/units.ts';
import type { GitFailureKind } from '../../../shared/protocol/git-failure.ts';
import type { BuildDeps } from '../build-deps.ts';
import { GitFailure, kindOfOutput } from './explain-git-failure.ts';
import { gitWords, printable } from './git-words.ts';
import { BuildAborted, withoutPassword, type Git, type GitResult } from './git.ts';
import { createRepositoryGuard, type RepositoryGuard } from './repository-guard.ts';

/** Kinds that seconds can heal: a server that restarts, a name server or a balancer that is away for a moment. */
const PASSING: ReadonlySet<GitFailureKind> = new Set(['unreachable', 'server-error']);

/**
 * Ours: five tries within 15 to 30 s of waiting outlast the restart of a server, and a host that does not exist holds up no
 * container for longer than a launch takes.
 */
const MAX_TRIES = 5;
const FIRST_WAIT_MS = 2_000;

/**
 * A host behind a black hole takes two minutes to fail (six repetitions of a SYN, tcp(7) tcp_syn_retries): no try begins later
 * than this after the first one.
 */
const MAX_ELAPSED_MS = 180_000;

// A note is for a line of the build's output; the words of the last try stand whole in the sentence.
const MAX_CHARACTERS = 400;

/** Called with lines for the reader of the build's output. */
export interface RetryNotes {
  /** Called before a wait. */
  readonly onRetry: (line: string) => unknown;
  /** Called when a later try succeeded. */
  readonly onRecovered: (line: string) => unknown;
}

type PatienceDeps = Pick<BuildDeps, 'abort' | 'clock' | 'random'>;

/** Returns how long to wait before the next try; null when there is none. At least half of the ceiling, which doubles. */
export function decideRetryMs(
  kind: GitFailureKind,
  so: { readonly tries: number; readonly elapsedMs: number },
  random: () => number,
): number | null {
  if (!PASSING.has(kind) || so.tries >= MAX_TRIES) return null;
  const ceiling = FIRST_WAIT_MS * 2 ** (so.tries - 1);
  const waitMs = Math.round((ceiling * (1 + random())) / 2);
  return so.elapsedMs + waitMs > MAX_ELAPSED_MS ? null : waitMs;
}

/** A failure that another try may heal has been tried again already: another way of asking the same server is no use. */
export function isPassing(result: GitResult): boolean {
  return result.exitCode !== 0 && PASSING.has(kindOfOutput(result));
}

/** A guard whose git repeats a command while the other side cannot be reached, or cannot serve. */
export function createPatientGuard(deps: BuildDeps, notes: RetryNotes): RepositoryGuard {
  return async (git, uri) => patientGit(deps, await guardPatiently(deps, git, uri, notes), withoutPassword(uri), notes);
}

/** Repeats only the look-up of the host. The git that it returns repeats nothing. */
export async function guardPatiently(deps: BuildDeps, git: Git, uri: string, notes: RetryNotes): Promise<Git> {
  const guard = createRepositoryGuard(deps);
  const { value } = await repeat<Git | GitFailure>(deps, notes, async () => {
    try {
      return { failure: null, value: await guard(git, uri) };
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      return { failure: { kind: error.kind, clause: error.happened }, value: error };
    }
  });
  if (value instanceof GitFailure) throw value;
  return value;
}

/** Repeats commands of one repository, which `shown` names without a password. Each must be one that can be given twice. */
export function patientGit(deps: PatienceDeps, git: Git, shown: string, notes: RetryNotes): Git {
  return async (args, options) => {
    if (options?.isTriedOnce) return git(args, options);
    const { value, tries } = await repeat<GitResult>(deps, notes, async () => {
      const result = await git(args, options);
      return { failure: result.exitCode === 0 ? null : failureOf(result, shown), value: result };
    });
    return tries === 1 ? value : { ...value, tries };
  };
}

function failureOf(result: GitResult, shown: string): Failure {
  const words = gitWords(result.stderr) || `exit code ${result.exitCode}`;
  return { kind: kindOfOutput(result), clause: `The repository ${shown} does not answer: ${words.replace(/\.$/, '')}` };
}

interface Failure {
  readonly kind: GitFailureKind;
  /** What happened, without a full stop. */
  readonly clause: string;
}

async function repeat<T>(
  deps: PatienceDeps,
  notes: RetryNotes,
  once: () => Promise<{ readonly failure: Failure | null; readonly value: T }>,
): Promise<{ readonly value: T; readonly tries: number }> {
  const startMs = deps.clock.monotonicMs();
  let clause = '';
  for (let tries = 1; ; tries += 1) {
    const { failure, value } = await once();
    if (failure === null && tries > 1) {
      await notes.onRecovered(`${clause}; it answered at try ${tries} of ${MAX_TRIES}`);
    }
    const elapsedMs = deps.clock.monotonicMs() - startMs;
    const waitMs = failure && decideRetryMs(failure.kind, { tries, elapsedMs }, deps.random);
    if (failure === null || waitMs === null) return { value, tries };
    clause = printable(failure.clause, MAX_CHARACTERS);
    const wait = formatSeconds(waitMs / 1000);
    await notes.onRetry(`${clause}; trying again in ${wait}, try ${tries + 1} of ${MAX_TRIES}`);
    await deps.clock.sleep(waitMs, deps.abort);
    if (deps.abort.aborted) throw new BuildAborted();
  }
}
