import { isDeepStrictEqual } from 'node:util';
import type { StartProcess } from '../../shared/protocol/agent-api.ts';
import { STANDBY_ARGUMENT } from '../../shared/protocol/build-order.ts';
import type { Account } from './users.ts';

export interface StandbyRequest {
  readonly body: Pick<StartProcess, 'command' | 'stdin'>;
  readonly account: Account;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Variables that the loader, the C library and Node read once, when a program starts: a program that waits already would
 * not be led by them.
 */
const READ_AT_START =
  /^(LD_|NODE_(?!ENV$)|UV_|MALLOC_|OPENSSL_|SSL_CERT_|GLIBC_TUNABLES$|GCONV_PATH$|LOCPATH$|LC_|LANGUAGE$)/;

/**
 * Returns the name of the program and the arguments of its `build` when a build tool that waits as `standby` could run
 * this request like one that is started for it; undefined otherwise. The name is still to be looked up.
 */
export function standbyCommand(
  { body, account, cwd, environment }: StandbyRequest,
  standby: { readonly account: Account; readonly cwd: string; readonly language: string },
): { readonly program: string; readonly argv: readonly string[] } | undefined {
  const { command, stdin } = body;
  if (!Array.isArray(command) || stdin !== undefined) return undefined;
  const [program, first, ...argv] = command;
  if (program === undefined || first !== 'build' || argv[0] === STANDBY_ARGUMENT) return undefined;
  if (!isDeepStrictEqual(account, standby.account) || cwd !== standby.cwd) return undefined;
  if (environment['LANG'] !== standby.language) return undefined;
  return Object.keys(environment).some((name) => READ_AT_START.test(name)) ? undefined : { program, argv };
}
