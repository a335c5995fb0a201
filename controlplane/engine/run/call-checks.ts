import { z } from 'zod';
import { Fault } from '../../../shared/model/fault.ts';
import { EXIT_STATUS, type ExitStatus } from '../../../shared/model/status.ts';
import { fieldProblems, sayProblem } from '../../../shared/text/field-problems.ts';
import { classNameOf } from '../../../shared/text/class-name.ts';
import { instead } from '../../../shared/text/nearest-name.ts';
import { shown } from '../../../shared/text/shown-value.ts';
import type { WaitDetail } from '../../containers/wait-reason.ts';
import { LOG_LEVEL, type ContainerLimits, type ExitOptions, type WipLogLevel } from '../../tasks/context.ts';
import { Timestamp } from '../../../shared/model/timestamp.ts';

// Classes of tasks may be plain JavaScript, or pass on data that they have read. Arguments of a method's calls are checked at
// once, so that the error names the author's line. Otherwise a database statement would fail later.

// `status` and `message` are allowed here, because an exit that was read from `exited` may be passed on whole.
const EXIT_OPTIONS = z.strictObject({
  status: z.unknown().optional(),
  message: z.unknown().optional(),
  detail: z.string().optional(),
  cause: z.string().optional(),
  fault: Fault.optional(),
  remedy: z.string().optional(),
  evidence: z.array(z.string()).readonly().optional(),
});

const WAIT_DETAIL = z.strictObject({
  code: z.string(),
  remedy: z.string().optional(),
  evidence: z.array(z.string()).readonly().optional(),
  since: Timestamp.optional(),
  until: Timestamp.optional(),
  recheckSeconds: z.number().min(0).optional(),
  isForRoom: z.boolean().optional(),
});

const LIMITS = z.strictObject({
  maxTimeSeconds: z.number().min(0).optional(),
  maxDiskGb: z.number().min(0).optional(),
});

const ENDS = Object.keys(EXIT_STATUS).filter((status) => status !== 'NOT_FINISHED');

const SIGNAL_ID = /^[1-9]\d{0,14}$/;

/** Throws a TypeError for a value that is not a string. `call` is the call as the author wrote it, such as `log(…, message)`. */
export function checkText(call: string, value: unknown): void {
  if (typeof value !== 'string') throw new TypeError(`${call} takes a text, and was given ${shown(value)}`);
}

export function checkLog(level: WipLogLevel, message: string): void {
  if (!Object.hasOwn(LOG_LEVEL, level)) {
    throw new TypeError(
      `log() takes one of the levels ${Object.keys(LOG_LEVEL).join(', ')}, and was given ${shown(level)}`,
    );
  }
  checkText('log(level, message)', message);
}

export function checkExit(status: ExitStatus, message: string, options: ExitOptions): void {
  if (!Object.hasOwn(EXIT_STATUS, status)) {
    throw new TypeError(`exit() takes one of ${ENDS.join(', ')}, and was given ${shown(status)}`);
  }
  checkText('exit(status, message)', message);
  // A task that ends without an exit is COMPLETED, so an error reported with this status would look like a success.
  if (status === 'NOT_FINISHED' && (message !== '' || Object.keys(options).length > 0)) {
    throw new TypeError(
      `exit("NOT_FINISHED", ${shown(message)}) says of the end of a task that it has not ended: give it one of ${ENDS.join(', ')}, or only exit("NOT_FINISHED", "") to take an earlier exit back`,
    );
  }
  checkFields('exit(status, message, options)', EXIT_OPTIONS, options);
}

export function checkWait(clause: string, detail: WaitDetail | undefined): void {
  checkText('waitsFor(clause)', clause);
  if (detail !== undefined) checkFields('waitsFor(clause, detail)', WAIT_DETAIL, detail);
}

export function checkLimits(limits: ContainerLimits): void {
  checkFields('newContainer(limits)', LIMITS, limits);
}

/**
 * Throws a TypeError for a text that cannot be the id of a signal. The id of a consumed signal is allowed, because a state may be
 * entered again.
 */
export function checkSignalId(id: string): void {
  if (!SIGNAL_ID.test(id)) {
    throw new TypeError(`inbox.consume(id) takes the id of a signal of inbox.all(), and was given ${shown(id)}`);
  }
}

/** An object of a class, such as a Map or a promise, would pass for an object without any field. */
function checkFields(call: string, schema: z.ZodObject, value: unknown): void {
  const className = classNameOf(value);
  if (className !== null) throw new TypeError(`${call} takes an object of fields, and was given a ${className}`);
  const parsed = schema.safeParse(value, { error: sayProblem });
  if (parsed.success) return;
  const names = Object.keys(schema.shape);
  const hint = (path: string): string => (path === '' || names.includes(path) ? '' : instead(path, names));
  const problems = fieldProblems(parsed.error).map(({ path, message }) => `${path} ${message}${hint(path)}`.trim());
  throw new TypeError(`${call}: ${problems.join('; ')}`);
}
