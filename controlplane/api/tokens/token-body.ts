import { z } from 'zod';
import { Name } from '../../../shared/model/identifier.ts';
import { ROLES } from '../http/authentication.ts';
import { distinct } from '../http/distinct.ts';

// Tasks belong to the name and logs show it, so it is one line without blanks at its ends.
const TokenName = z
  .string()
  .regex(
    /^[\w.@:+-]+( [\w.@:+-]+)*$/,
    'must have letters, digits and . @ : + - _ only, with single blanks between them',
  )
  .max(128);
// Only submitters need groups: everybody else sees every task.
export const TokenBody = z
  .strictObject({
    name: TokenName.describe('Name of the holder. Tasks belong to it, and several tokens may have it.'),
    role: z.enum(ROLES).describe('What the token allows.'),
    groups: distinct(Name, 100).default([]).describe('Groups whose tasks a submitter sees beside its own.'),
  })
  .refine(({ role, groups }) => role === 'submitter' || groups.length === 0, {
    path: ['groups'],
    error: 'are only for the role submitter: the others see every task',
  });
