import type { EnrolmentAnswer, EnrolmentRequest } from '../../../shared/protocol/enrolment.ts';
import type { AttemptUuid } from '../../../shared/model/ids.ts';

/** The request with its token taken apart: `secret` is compared by its hash only. */
export interface Enrolment extends Omit<EnrolmentRequest, 'enrol'> {
  readonly attempt: AttemptUuid;
  readonly secret: string;
}

/**
 * `reused`: the token was used before by somebody else (409); `void`: the attempt was given up (410);
 * `unknown`: no such attempt, wrong secret, or expired (404, told apart by nobody who guesses).
 */
export type EnrolmentOutcome =
  | { readonly kind: 'enrolled'; readonly answer: EnrolmentAnswer }
  | { readonly kind: 'reused' }
  | { readonly kind: 'void' }
  | { readonly kind: 'unknown' };

export interface EnrolmentWorld {
  readonly enrol: (enrolment: Enrolment) => Promise<EnrolmentOutcome>;
}
