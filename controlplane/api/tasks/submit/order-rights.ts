import { OperationalError } from '../../../../shared/model/error.ts';
import { PRIORITY, type Priority } from '../../../../shared/model/status.ts';
import { shellWord } from '../../../../shared/text/shell-quote.ts';
import type { PreparedTask } from '../../../engine/prepare-task.ts';
import { ROLES, type Role } from '../../http/authentication.ts';

/** The parts of an order that need rights when they differ from the defaults of the kind. */
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

/** Returns whether an order has a part that not every submitter may set. */
export function wantsRights({ role, group, priority }: OrderWithRights): boolean {
  const isOperator = role === undefined || ROLES.indexOf(role) >= ROLES.indexOf('operator');
  return !isOperator && (group !== undefined || priority !== undefined);
}

/**
 * Refuses orders at the expense of others. A new group would have slots of its own, outside of the limits that operators set, and
 * would stay; a higher priority than that of the kind would make tasks of others wait. Throws FORBIDDEN.
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
