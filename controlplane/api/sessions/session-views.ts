import { z } from 'zod';
import { ROLES } from '../http/authentication.ts';

/** The session of a browser. Its cookie cannot be read by scripts. */
export const SessionView = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  csrfToken: z.string().describe('To be sent in the header `wip-csrf-token` with every request but GET and HEAD.'),
});
export type SessionView = z.infer<typeof SessionView>;

export const SessionAnswer = z.object({
  session: SessionView.nullable().describe('null: nobody is signed in, or the token was revoked.'),
  opensWithoutToken: z
    .boolean()
    .describe('`POST /v1/session` without a token opens one: a development system, asked from its own machine.'),
});
export type SessionAnswer = z.infer<typeof SessionAnswer>;
