import { SYSTEM_DIRECTORIES } from '../system/system-program.ts';
import { PROCESS_MARK } from './trees/trees.ts';
import type { Account } from './users.ts';

/** Part of the environment of all processes that comes from the container. */
export interface ContainerEnvironment {
  /** The image's: it says where the image's tools are. */
  readonly path: string;
  readonly language: string;
  /** Set where the machine's own /tmp is not the build's. */
  readonly temporaryDirectory: string | null;
  /** The overrides that the control plane set for the build. */
  readonly buildEnvironment: Readonly<Record<string, string>>;
  /** Whether the build itself runs as root, so that nobody else's rights are at stake. */
  readonly isBuildRoot: boolean;
}

export interface EnvironmentOrder {
  readonly account: Account;
  /** The secure variables of the build. */
  readonly secure: Readonly<Record<string, string>>;
  /** Variables of the request itself; later ones win. */
  readonly given: readonly Readonly<Record<string, string>>[];
  readonly mark: string;
}

/**
 * Made from nothing: of the agent's own environment it has what is named here. A command of root beside a build that is
 * not root gets nothing of the build's, whose PATH or LD_PRELOAD would lead it.
 */
export function processEnvironment(deps: ContainerEnvironment, order: EnvironmentOrder): Record<string, string> {
  const { account, secure, given, mark } = order;
  const isPrivileged = account.uid === 0 && !deps.isBuildRoot;
  const layers = [...(isPrivileged ? [] : [deps.buildEnvironment, secure]), ...given, { [PROCESS_MARK]: mark }];
  return Object.assign(
    {
      PATH: isPrivileged ? SYSTEM_DIRECTORIES.join(':') : deps.path,
      HOME: account.home,
      USER: account.name,
      LOGNAME: account.name,
      SHELL: account.shell,
      LANG: deps.language,
      ...(deps.temporaryDirectory === null ? {} : { TMPDIR: deps.temporaryDirectory }),
    },
    ...layers,
  ) as Record<string, string>;
}
