import type { Fault } from '../../../shared/model/fault.ts';
import type { ExitStatus } from '../../../shared/model/status.ts';
import { BuildExportFailure, type GitFailureKind, type ToldGitFailure } from '../../../shared/protocol/git-failure.ts';
import { jsonOrUndefined } from '../../../shared/text/json-or-undefined.ts';
import type { WipContext } from '../context.ts';

/** Returns why git could not fetch the source; null when the export failed otherwise, or a custom tool does not say it. */
export function exportFailure(stdout: string): ToldGitFailure | null {
  const read = BuildExportFailure.safeParse(jsonOrUndefined(stdout));
  return read.success ? read.data.failure : null;
}

/** As the build tool says before a wait (agent/build/git/patient-git.ts). */
const RETRY = /^The (.+; trying again in [\d.a-z ]+, try \d+ of \d+)$/;

/** Returns why the export waits, as a clause; null when it does not wait for a repository, or a custom tool says nothing. */
export function retryClause(stderr: string): string | null {
  const clause = RETRY.exec(stderr.trimEnd().split('\n').at(-1) ?? '')?.[1];
  return clause === undefined ? null : `the ${clause}`;
}

/** Sets the exit of a task whose source could not be fetched: the host's doing is no error of the user or of the build file. */
export function exitForSource(context: WipContext, { fault, message }: ToldGitFailure, detail: string): void {
  context.exit(statusOf(fault), message, { detail, cause: 'source' });
}

export interface PushEnd {
  readonly status: Extract<ExitStatus, 'ERROR_USER' | 'ERROR_SYSTEM'>;
  readonly cause: 'push-rejected' | 'push-failed' | 'build-failed';
  readonly sentence: string;
}

/** Kinds of a push that failed before anything was said to the other side: the workspace, or words that nobody knows. */
const OF_THE_BUILD: ReadonlySet<GitFailureKind> = new Set(['disk-full', 'unknown']);

/**
 * Returns how a build ends whose steps have succeeded and whose artefact was not pushed; null when that is not how it failed.
 * A custom build tool records nothing, so its last line is read.
 */
export function decidePushEnd(recorded: ToldGitFailure | null, stderr: string): PushEnd | null {
  if (recorded === null) return pushEndOfLine(stderr);
  const { code, kind, fault, message: sentence } = recorded;
  if (code !== PUSH_REJECTED && OF_THE_BUILD.has(kind)) {
    return { status: 'ERROR_USER', cause: 'build-failed', sentence };
  }
  return { status: statusOf(fault), cause: fault === 'user' ? 'push-rejected' : 'push-failed', sentence };
}

const PUSH_REJECTED = 'PUSH_REJECTED';
// The tool prints it as its last line, on one line; a failed step ends with a sentence without a code.
const PUSH_ERROR = /^(PUSH_REJECTED|GIT_FAILED): (.+)$/;

function pushEndOfLine(stderr: string): PushEnd | null {
  const [, code, sentence] = PUSH_ERROR.exec(stderr.trimEnd().split('\n').at(-1) ?? '') ?? [];
  if (sentence === undefined) return null;
  return { status: 'ERROR_USER', cause: code === PUSH_REJECTED ? 'push-rejected' : 'build-failed', sentence };
}

function statusOf(fault: Extract<Fault, 'user' | 'system'>): PushEnd['status'] {
  return fault === 'user' ? 'ERROR_USER' : 'ERROR_SYSTEM';
}
