import { isIP } from 'node:net';
import { z } from 'zod';
import { messageOf } from '../shared/model/error.ts';
import { parseRepositoryHosts } from '../shared/repository/repository-hosts.ts';
import { parseQuotaOverrides } from './ecs/client/quota-overrides.ts';

// What settings of a node are made of (config-fields.ts).

export const Flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
export function checkHosts(setting: string): (text: string, context: z.RefinementCtx) => void {
  return (text, context) => {
    try {
      parseRepositoryHosts(text, setting);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
    }
  };
}

export function checkQuotas(text: string, context: z.RefinementCtx): void {
  try {
    parseQuotaOverrides(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
  }
}

/** As node-postgres reads it. A text that is no address would be a path of a socket to it, or a host that nobody named. */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text.replaceAll(' ', '%20'));
}

/** Marks a setting whose value nobody is shown, in whatever way it was given. */
export const SECRET = { isSecret: true } as const;

export const seconds = (): z.ZodCoercedNumber => z.coerce.number();

/** As resolvers have it, a name that ends in a number is an IPv4 address: `256.1.1.1` is neither. Whether it is of this machine shows later. */
export function isListenHost(text: string): boolean {
  if (isIP(text) !== 0) return true;
  return /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(text) && !/(?:^|\.)\d+$/.test(text);
}
