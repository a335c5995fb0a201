import type { Role } from '../../api/http/authentication.ts';

/** From weakest to strongest; the same order as ROLES of the server, whose types hold it. */
export const ROLE_ORDER = ['viewer', 'submitter', 'operator', 'admin'] as const satisfies readonly Role[];
