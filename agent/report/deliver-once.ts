import type { HttpAnswer } from './http-post.ts';
import type { AnswerVerdict } from './judge-answer.ts';
import type { SignedPost, UnsignedRequest } from './signed-post.ts';

/** Result of a delivery after a wrong clock has been dealt with. */
export interface DeliveryResult {
  readonly verdict: Exclude<AnswerVerdict, { kind: 'clock-skew' }>;
  readonly answer: HttpAnswer;
}

/** Tries once. When the server says that our clock is wrong, tries once more at once, with the server's time. */
export async function deliverOnce(
  post: SignedPost,
  request: UnsignedRequest,
  judge: (answer: HttpAnswer, now: Date) => AnswerVerdict,
  abort: AbortSignal,
): Promise<DeliveryResult> {
  const first = await post.send(request, abort);
  const verdict = judge(first, post.now());
  if (verdict.kind !== 'clock-skew') return { verdict, answer: first };
  post.learnTime(verdict.serverTime);
  const second = await post.send(request, abort);
  const again = judge(second, post.now());
  if (again.kind !== 'clock-skew') return { verdict: again, answer: second };
  post.learnTime(again.serverTime);
  return { verdict: { kind: 'retry', why: 'clock skew after the clock was set' }, answer: second };
}
