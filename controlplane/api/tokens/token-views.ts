import { z } from 'zod';
import { ROLES } from '../http/authentication.ts';
import { Instant } from '../view-fields.ts';

export const TokenView = z.object({
  id: z.number().int().positive(),
  name: z.string(),
  role: z.enum(ROLES),
  createdAt: Instant,
  revokedAt: Instant.nullable(),
  /** Groups whose tasks a submitter sees beside its own. */
  groups: z.array(z.string()).default([]),
});

export type TokenView = z.infer<typeof TokenView>;
export const TokensAnswer = z.object({ tokens: z.array(TokenView) });
export type TokensAnswer = z.infer<typeof TokensAnswer>;

/** The only answer that ever holds the token itself. */
export const NewTokenAnswer = TokenView.extend({ token: z.string() });
export type NewTokenAnswer = z.infer<typeof NewTokenAnswer>;

/** The owner of the token of a request. */
export const MeAnswer = z.object({ name: z.string(), role: z.enum(ROLES), groups: z.array(z.string()) });
export type MeAnswer = z.infer<typeof MeAnswer>;
