import { OperationalError } from '../../../shared/model/error.ts';
import { PRIORITY, type Priority } from '../../../shared/model/status.ts';
import { shellWord } from '../../../shared/support/shell-quote.ts';
import type { PreparedTask } from '../../engine/prepare-task.ts';
import { ROLES, type Role } from '../http/authentication.ts';

/** What an order says instead of leaving it to the kind of its task. */
export interface OrderWithRights {
  /** Role of the token; absent: the installation's own order, as for a webhook. */
  readonly role?: Role;
  readonly createdBy: string;
  readonly group?: string;
  readonly priority?: Priority;
}

interface RightsQuestions {
  readonly ofKind: PreparedTask['ofKind'];
  readonly hasGroup: (name: string) => Promise<boolean>;
}

/** Returns whether an order says something that not every submitter may say. */
export function wantsRights({ role, group, priority }: OrderWithRights): boolean {
  const isOperator = role === undefined || ROLES.indexOf(role) >= ROLES.indexOf('operator');
  return !isOperator && (group !== undefined || priority !== undefined);
}

/**
 * Refuses what would take from others: a new group has slots of its own, beside the limits that operators set, and stays; a priority
 * before that of the kind makes the tasks of others wait. Throws FORBIDDEN.
 */
export async function checkOrderRights(order: OrderWithRights, { ofKind, hasGroup }: RightsQuestions): Promise<void> {
  const usual = ofKind();
  const { createdBy, group, priority } = order;
  if (priority !== undefined && PRIORITY[priority] < PRIORITY[usual.priority]) {
    throw forbidden(
      `The token of ${createdBy} may not order a task with the priority ${priority}, which goes before the ${usual.priority} of its kind`,
      `Leave the priority out or give a later one, or use a token with the role operator`,
    );
  }
  if (group === undefined || group === usual.group || (await hasGroup(group))) return;
  throw forbidden(
    `There is no group "${group}", and the token of ${createdBy} may not make one`,
    `Name a group that there is, leave it out for the group "${usual.group}", or ask an operator for "wipctl groups ${shellWord(group)} --max 3"`,
  );
}

function forbidden(happened: string, remedy: string): OperationalError {
  return new OperationalError('FORBIDDEN', { happened, remedy });
}
