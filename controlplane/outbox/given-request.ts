import { z } from 'zod';
import { knownWord } from '../../shared/text/known-word.ts';
import { hasNoUser } from '../../shared/text/shown-address.ts';
import { shown } from '../../shared/text/shown-value.ts';
import { effectWord } from '../engine/given-effect.ts';
import { HeaderName, REQUEST_METHODS, RequestToDeliver } from './request-to-deliver.ts';

const YEAR_SECONDS = 365 * 86_400;

/** What belongs to the connection (RFC 9110, 7.6.1; 9112, 6) is set by the client that sends, and refused by it when given. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

const GivenHeaderName = HeaderName.refine((name) => !OF_THE_CONNECTION.has(name.toLowerCase()));

/** No value is shown: headers hold tokens, and addresses hold passwords. */
const HeaderValue = z
  .string()
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must be Latin-1 text without line breaks and control characters');

/** What a task gives to be sent. A value that could not be sent, or not as it is, is refused when it is given. */
export const GivenRequest = z
  .strictObject({
    method: knownWord(REQUEST_METHODS),
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http or https address' })
      .refine(hasNoUser, 'must not hold a user or a password, which would not be sent: use a header'),
    headers: z
      .record(GivenHeaderName, HeaderValue, {
        error: (issue) => (issue.code === 'invalid_key' ? 'is no header that a task can set' : undefined),
      })
      .optional(),
    body: z.string().optional(),
    repeat: knownWord(['safe', 'never']).optional(),
    giveUpAfterSeconds: z
      .number({ error: ({ input }) => `must be a number of seconds, and is ${shown(input)}` })
      .min(0, { error: ({ input }) => `must be at least 0, and is ${shown(input)}` })
      .max(YEAR_SECONDS, { error: ({ input }) => `must be at most ${YEAR_SECONDS}, and is ${shown(input)}` })
      .optional(),
    order: effectWord().optional(),
    sign: RequestToDeliver.shape.sign,
    certificate: knownWord(['verified', 'any']).optional(),
  })
  .refine(({ method, body }) => method !== 'GET' || body === undefined, 'a GET has no body');
