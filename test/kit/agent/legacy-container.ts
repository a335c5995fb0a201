import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CHECKOUT } from '../programs/program.ts';

const ENTRYPOINT = path.join(CHECKOUT, 'docker', 'legacy-entrypoint.sh');
const NEEDED = ['/usr/sbin/sshd', '/usr/bin/ssh-keygen', '/usr/bin/curl', '/usr/bin/setsid'];

/** Whether the machine has what a shell entrypoint needs. It logs root in, so the tests run as root. */
export function canRunLegacy(): boolean {
  return NEEDED.every((program) => existsSync(program)) && process.getuid?.() === 0;
}

// Several containers of local ECS share the ports and the /tmp of one machine.
const FIND_PORT =
  'const s = require("net").createServer(); s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); });';

/** The shell entrypoint that is shipped, as a container of local ECS: with a port and a shutdown file of its own. */
export const LEGACY_CONTAINER = [
  '/bin/sh',
  '-c',
  `port=$('${process.execPath}' -e '${FIND_PORT}')
   printf '{"22": %s}' "$port" >"$WIP_AGENT_PORT_FILE.tmp" && mv "$WIP_AGENT_PORT_FILE.tmp" "$WIP_AGENT_PORT_FILE"
   SSH_LISTEN=127.0.0.1:$port TMPDIR=$WIP_AGENT_ROOT SHUTDOWN_FILE=$WIP_AGENT_ROOT/shutdown
   export SSH_LISTEN TMPDIR SHUTDOWN_FILE
   exec /bin/sh '${ENTRYPOINT}'`,
] as const;

/**
 * Removes what the control plane put into the container of an attempt that is over. A container takes its /tmp with it; the one
 * here is that of the machine.
 */
export function removeLegacyFiles(attempt: { readonly uuid: string }): void {
  rmSync(`/tmp/.wip-${attempt.uuid}`, { recursive: true, force: true });
}

export const LEGACY_ENTRYPOINT = ENTRYPOINT;
