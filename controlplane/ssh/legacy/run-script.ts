import { OperationalError } from '../../../shared/model/error.ts';
import type { StartProcess } from '../../../shared/protocol/agent-api.ts';
import { sha256Hex } from '../../../shared/keys/signing.ts';
import { shellQuote } from '../../../shared/text/shell-quote.ts';

/** Returns what tells this order from another under the same key. */
export function digestOf(body: StartProcess): string {
  return sha256Hex(JSON.stringify(body));
}

/** Returns shell text that sets these variables. */
export function exportsOf(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}=${shellQuote(value)}\n`)
    .join('');
}

/**
 * Returns the script that becomes the process. It removes itself first, because it holds the secrets of the process, which
 * then are in its environment only. `environmentFile` has the variables of the whole container.
 */
export function runScript(body: StartProcess, environmentFile: string, loginUser: string): string {
  refuseUser(body.user, loginUser);
  const { command, cwd, environment = {}, secureEnvironment = {} } = body;
  const file = shellQuote(environmentFile);
  return [
    'rm -f -- "$0"\n',
    `[ ! -r ${file} ] || . ${file}\n`,
    exportsOf({ ...environment, ...secureEnvironment }),
    'cd -- "$HOME" || exit 127\n',
    ...(cwd === undefined ? [] : [`cd -- ${shellQuote(cwd)} || exit 127\n`]),
    Array.isArray(command)
      ? `exec ${command.map(shellQuote).join(' ')}\n`
      : `exec "\${SHELL:-/bin/sh}" -c ${shellQuote(command.shell)}\n`,
  ].join('');
}

export function refuseUser(user: string | undefined, loginUser: string): void {
  if (user === undefined || user === loginUser) return;
  throw new OperationalError('AGENT_NOT_ALLOWED', {
    happened: `A container without an agent does everything as ${loginUser}, and not as ${user}`,
    remedy: 'Leave the user out, or put the agent into the image',
  });
}
