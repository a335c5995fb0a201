import { z } from 'zod';
import { ROLES } from '../http/authentication.ts';
import { Instant } from '../view-fields.ts';

export const TokenView = z.object({
  id: z.number().int().positive().describe('Number of the token, which names it to revoke it.'),
  name: z.string().describe('Name of the holder.'),
  role: z.enum(ROLES).describe('What the token allows.'),
  createdAt: Instant.describe('When it was made.'),
  revokedAt: Instant.nullable().describe('When it was revoked; null: it is valid.'),
  groups: z.array(z.string()).default([]).describe('Groups whose tasks a submitter sees beside its own.'),
});

export type TokenView = z.infer<typeof TokenView>;
export const TokensAnswer = z.object({ tokens: z.array(TokenView) });
export type TokensAnswer = z.infer<typeof TokensAnswer>;

/** The only answer that ever holds the token itself. */
export const NewTokenAnswer = TokenView.extend({
  token: z.string().describe('The token itself, which no other answer holds.'),
});
export type NewTokenAnswer = z.infer<typeof NewTokenAnswer>;

/** The owner of the token of a request. */
export const MeAnswer = z.object({
  name: z.string().describe('Name of the holder.'),
  role: z.enum(ROLES).describe('What the token allows.'),
  groups: z.array(z.string()).describe('Groups whose tasks a submitter sees beside its own.'),
});
export type MeAnswer = z.infer<typeof MeAnswer>;
