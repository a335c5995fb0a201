/**
 * Failures that somebody can act on. `retryable` says whether the same call may succeed later. Codes are never reused or
 * renamed; each has a line in shared/ERRORS.md (a test compares the two).
 */
export const OPERATIONAL_ERRORS = {
  // Input that a person wrote
  TABLE_SYNTAX: { retryable: false },
  CONFIG_INVALID: { retryable: false },
  KIND_INVALID: { retryable: false },
  OPTIONS_INVALID: { retryable: false },
  BUILD_FILE_INVALID: { retryable: false },
  BUILD_FILE_MISSING: { retryable: false },
  OVERRIDE_INVALID: { retryable: false },
  OVERRIDES_TOO_LARGE: { retryable: false },
  OVERRIDE_AFTER_RUN: { retryable: false },
  REQUEST_INVALID: { retryable: false },
  REQUEST_TOO_LARGE: { retryable: false },
  USAGE: { retryable: false },
  // Things that are not there
  TASK_UNKNOWN: { retryable: false },
  TASK_KIND_UNKNOWN: { retryable: false },
  KIND_UNKNOWN: { retryable: false },
  METHOD_NOT_ALLOWED: { retryable: false },
  ROUTE_UNKNOWN: { retryable: false },
  CLUSTER_UNKNOWN: { retryable: false },
  DEFINITION_UNKNOWN: { retryable: false },
  CLUSTER_IN_USE: { retryable: false },
  CLUSTER_CHANGED: { retryable: false },
  GROUP_UNKNOWN: { retryable: false },
  GROUP_IN_USE: { retryable: false },
  TOKEN_UNKNOWN: { retryable: false },
  MASTER_KEY_NOT_EVERYWHERE: { retryable: false },
  // The contract between agent and control plane
  SIGNAL_UNKNOWN_CLASS: { retryable: false },
  SIGNAL_UNAUTHENTIC: { retryable: true },
  SIGNAL_CLOCK_SKEW: { retryable: true },
  SIGNAL_CONFLICT: { retryable: false },
  CALLBACK_UNKNOWN: { retryable: true },
  ATTEMPT_ENDED: { retryable: false },
  ATTEMPT_FULL: { retryable: false },
  ENROLMENT_REFUSED: { retryable: false },
  ENROLMENT_REUSED: { retryable: false },
  ENROLMENT_VOID: { retryable: false },
  UNAUTHORIZED: { retryable: false },
  FORBIDDEN: { retryable: false },
  HOST_REFUSED: { retryable: false },
  ORIGIN_REFUSED: { retryable: false },
  // Services, machines and storage
  STOP_INCOMPLETE: { retryable: false },
  NODE_ENDING: { retryable: true },
  MAINTENANCE: { retryable: true },
  RATE_LIMITED: { retryable: true },
  JOB_CONFLICT: { retryable: false },
  HOOK_UNKNOWN: { retryable: false },
  HOOK_UNAUTHENTIC: { retryable: false },
  TASK_CHANGED: { retryable: true },
  TASK_FINISHED: { retryable: false },
  TASK_NOT_FINISHED: { retryable: true },
  TASK_VERSION_MISSING: { retryable: true },
  PROCESS_CONFLICT: { retryable: false },
  PROCESS_UNKNOWN: { retryable: false },
  FILE_REFUSED: { retryable: false },
  AGENT_STOPPING: { retryable: false },
  AGENT_NOT_ALLOWED: { retryable: false },
  SSH_REFUSED: { retryable: true },
  SSH_TIMEOUT: { retryable: true },
  SSH_KEY_EXCHANGE: { retryable: true },
  SSH_AUTH: { retryable: false },
  SSH_HOST_KEY: { retryable: false },
  SSH_CHANNEL: { retryable: true },
  AGENT_API_FAILED: { retryable: true },
  ECS_REFUSED: { retryable: false },
  ECS_UNAVAILABLE: { retryable: true },
  GIT_FAILED: { retryable: false },
  REPOSITORY_REFUSED: { retryable: false },
  GIT_MISSING: { retryable: false },
  PUSH_REJECTED: { retryable: false },
  BASH_MISSING: { retryable: false },
  PROGRAM_MISSING: { retryable: false },
  SECURE_VALUE_MISSING: { retryable: false },
  ENVIRONMENT_TOO_LARGE: { retryable: false },
  WORKSPACE_UNUSABLE: { retryable: false },
  DATABASE_UNAVAILABLE: { retryable: true },
  DATABASE_DAMAGED: { retryable: false },
  DATABASE_NEWER: { retryable: false },
  DATABASE_NOT_EMPTY: { retryable: false },
  DUMP_UNUSABLE: { retryable: false },
  DATA_DIRECTORY_LOCKED: { retryable: false },
  DATA_DIRECTORY_UNUSABLE: { retryable: false },
  NOT_INSTALLED: { retryable: false },
  DOCKER_UNAVAILABLE: { retryable: true },
  PORT_IN_USE: { retryable: false },
  CONTROL_PLANE_UNREACHABLE: { retryable: true },
  SEALED_UNREADABLE: { retryable: false },
  MASTER_KEY_MISSING: { retryable: false },
  DISK_UNREADABLE: { retryable: true },
} as const;
export type OperationalErrorCode = keyof typeof OPERATIONAL_ERRORS;

/**
 * An expected failure. Programs branch on `code`; people read `message`, whose last sentence says what to do.
 * A bug is never an OperationalError: it stays a plain Error and stops the program loudly.
 */
export class OperationalError extends Error {
  override readonly name: string = 'OperationalError';
  readonly code: OperationalErrorCode;
  readonly #happened: string;
  readonly #remedy: string;

  /**
   * `happened` and `remedy` are sentences without their final full stop. No full stop is added when `happened` ends with a quoted
   * message that already has one, or that is a question.
   */
  constructor(code: OperationalErrorCode, what: { happened: string; remedy: string; cause?: unknown }) {
    const [happened, remedy] = [withoutFullStop(what.happened), withoutFullStop(what.remedy)];
    super(`${asSentence(happened)} ${remedy}.`, what.cause === undefined ? undefined : { cause: what.cause });
    this.code = code;
    this.#happened = happened;
    this.#remedy = remedy;
  }

  /** The first sentence of the message, without its full stop. */
  get happened(): string {
    return this.#happened;
  }

  /** The remedy, without its full stop. */
  get remedy(): string {
    return this.#remedy;
  }

  get retryable(): boolean {
    return OPERATIONAL_ERRORS[this.code].retryable;
  }
}

function asSentence(happened: string): string {
  return /[?!]$/.test(happened) ? happened : `${happened}.`;
}

/** Removes a final full stop, but not an ellipsis. */
function withoutFullStop(text: string): string {
  return text.replace(/(?<!\.)\.\s*$/, '');
}

// Descriptions of thrown objects are cut to this length; longer ones say no more.
const MAX_DESCRIPTION = 500;

/**
 * Returns the message of any thrown value, for logs and for our own errors. Never throws itself: code of tasks may throw any
 * value, and the reason why a task ends must not get lost.
 */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? messageOfError(thrown) : described(thrown);
  } catch {
    return 'an error that cannot be described, because reading it throws another';
  }
}

/** An AggregateError, as of connections to all addresses of a name, has an error for each attempt. */
function messageOfError(error: Error): string {
  const own = String(error.message) || String(error.name);
  if (!(error instanceof AggregateError) || error.errors.length === 0) return own;
  const each = [...new Set(error.errors.map(messageOf))].join('; ');
  return error.message === '' ? each : `${own} (${each})`;
}

function described(thrown: unknown): string {
  if (typeof thrown === 'string' && thrown !== '') return thrown;
  // Alone such a value would say nothing: `throw undefined`, `reject()`, `throw 404`.
  if (thrown === '') return 'an empty text was thrown, which is no error';
  if (typeof thrown !== 'object' || thrown === null) return `${String(thrown)} was thrown, which is no error`;
  const text = jsonOf(thrown) ?? `an object with ${Object.keys(thrown).join(', ') || 'no fields'}`;
  return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION)}…`;
}

/** Returns the JSON of an object; undefined for one that JSON does not take, such as a circular one. */
function jsonOf(thrown: object): string | undefined {
  try {
    return JSON.stringify(thrown);
  } catch {
    return undefined;
  }
}
