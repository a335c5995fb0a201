import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { OperationalError } from '../../shared/model/error.ts';
import { makeOwnDirectory, makeOwnPath } from '../system/make-own-path.ts';
import type { AgentConfig } from './agent-config.ts';
import { currentAccount, readAccount, type Account } from '../process/users.ts';

export interface Accounts {
  readonly workload: Account;
  readonly isRoot: boolean;
  /**
   * Returns the workload account without a name or for its configured name. Throws REQUEST_INVALID for a user that
   * commands cannot run as.
   */
  of(user: string | undefined): Account;
}

/** Finds the accounts that commands may run as. Throws CONFIG_INVALID when the configured user does not exist. */
export function findAccounts(config: Pick<AgentConfig, 'workloadUser' | 'root' | 'file'>): Accounts {
  const current = currentAccount();
  const isRoot = current.uid === 0;
  const withOwnHome = (account: Account): Account =>
    config.root === null ? account : accountBelow(config.root, account, isRoot);
  const configured = isRoot ? readAccount(config.workloadUser) : current;
  // Without a container no image brings the user along, so the build runs as the user of the agent.
  const workload = configured ?? (config.root === null ? undefined : current);
  if (!workload) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `${config.file}: [workload] user = ${config.workloadUser} is not a user of this image`,
      remedy: 'Add the user to the image, or name one that /etc/passwd has',
    });
  }
  const workloadAccount = withOwnHome(workload);
  return {
    workload: workloadAccount,
    isRoot,
    of(user) {
      if (user === undefined || user === config.workloadUser || user === workload.name) return workloadAccount;
      const account = isRoot ? readAccount(user) : undefined;
      if (account) return withOwnHome(account);
      throw new OperationalError('REQUEST_INVALID', {
        happened: isRoot
          ? `There is no user ${user} in this container`
          : `The agent runs as ${current.name} and cannot become ${user}`,
        remedy: `Use ${workload.name}, or leave the user out`,
      });
    },
  };
}

/**
 * Gives the account a home below the agent's own root: several agents share a machine, and its homes are not theirs.
 */
function accountBelow(root: string, account: Account, isRoot: boolean): Account {
  const home = join(root, 'home', account.name);
  makeOwnDirectory(home, 0o755);
  if (isRoot) makeOwnPath(home, () => chownSync(home, account.uid, account.gid));
  return { ...account, home };
}
