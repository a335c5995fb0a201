import { messageOf } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Logger } from '../../shared/system/logger.ts';
import type { SharedQuotas } from '../ecs/client/shared-quotas.ts';

interface AccountFinderDeps {
  readonly quotas: Pick<SharedQuotas, 'accountOf' | 'learnAccount'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Pick<Logger, 'info'>;
}

// STS needs no rights for this question, so a refusal is rare and a network without STS is likely. Asking again is cheap.
const ASK_AGAIN_MS = 10 * 60_000;

/**
 * Finds out which account credentials belong to, so that all credentials of one account share its quotas. Called after
 * each call that succeeded: credentials that do not work have no quota worth sharing.
 */
export function createAccountFinder({ quotas, clock, log }: AccountFinderDeps) {
  const askedMs = new Map<string, number>();

  return async (identity: string, ask: () => Promise<string | null>): Promise<void> => {
    if (quotas.accountOf(identity) !== null) return;
    const nowMs = clock.monotonicMs();
    const before = askedMs.get(identity);
    if (before !== undefined && nowMs - before < ASK_AGAIN_MS) return;
    askedMs.set(identity, nowMs);
    try {
      const account = await ask();
      if (account !== null) quotas.learnAccount(identity, account);
    } catch (error) {
      // Without an answer the credentials keep quotas of their own, which is right for all but a second key of one account.
      log.info({ why: messageOf(error) }, 'the account of credentials is not known');
    }
  };
}
