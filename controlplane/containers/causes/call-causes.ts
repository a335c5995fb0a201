import type { Cause } from './causes.ts';
import type { EcsErrorClass } from '../container.ts';
import { withoutStop } from './message-words.ts';
import { ERROR_CAUSES, type ComplaintRow } from './rows/ecs-error-rows.ts';

/** Why a call to ECS gave no answer that says what became of it. */

/** An error of a call to ECS, or of the way to it. */
export interface EcsComplaint {
  /** The text of the error. */
  readonly said: string;
  /** The name that AWS or Node gave the error; empty when nobody named it. */
  readonly name?: string;
  /** The call, such as RunTask. */
  readonly action?: string;
  /** Our names of the quotas that a throttled call draws from; absent for other errors. */
  readonly quotas?: readonly string[];
}

/** AWS names the right that is missing: "… is not authorized to perform: ecs:RunTask on resource: …". */
const DENIED = /not authorized to perform: ?([a-z0-9-]+:[A-Za-z*]+)/i;

/** Explains a call that ECS answered with an error or not at all. */
export function explainEcsError(
  error: EcsErrorClass,
  { said, name = '', action = '', quotas = [] }: EcsComplaint,
): Cause {
  const row = ERROR_CAUSES[error].find(({ when }) => fits(when, { name, said, action }))!;
  const denied = DENIED.exec(said)?.[1] ?? (action === '' ? 'this' : action);
  const ofQuota = quotas.length === 0 ? '' : ` of the quota ${quotas.join(' or ')}`;
  const sentence = row.sentence.replace('{action}', () => denied).replace('{quota}', () => ofQuota);
  return {
    cause: row.cause,
    fault: row.fault,
    retry: row.retry,
    sentence: said === '' ? sentence : `${sentence} (${withoutStop(said)})`,
    remedy: row.remedy,
    evidence: [[action, name, said].filter((text) => text !== '').join(': ')].filter((text) => text !== ''),
  };
}

function fits(
  { names, pattern, action }: ComplaintRow['when'],
  given: Required<Omit<EcsComplaint, 'quotas'>>,
): boolean {
  const { name, said } = given;
  if (action !== undefined && action !== given.action) return false;
  if (!names && !pattern) return true;
  return names?.includes(name) === true || pattern?.test(said) === true || pattern?.test(name) === true;
}
