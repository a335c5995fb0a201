import { get } from 'node:http';
import { OperationalError, messageOf } from '../../shared/model/error.ts';
import { formatGigabytesApart, formatSeconds } from '../../shared/model/units.ts';
import { Health } from '../../shared/protocol/agent-api.ts';
import { readBounded } from '../../shared/http/read-bounded.ts';
import { jsonOrUndefined } from '../../shared/text/json-or-undefined.ts';
import type { CommandDeps } from './command-deps.ts';

// ECS's health check gives up after 5 s by default (healthCheck.timeout).
const HEALTH_TIMEOUT_MS = 4_000;
// The health of an agent with a hundred processes is 40 kB.
const MAX_HEALTH_BYTES = 4 * 1024 * 1024;

/** Asks the agent of this container over its own socket. */
export function askHealth(socketPath: string): Promise<Health> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void =>
      reject(
        new OperationalError('AGENT_API_FAILED', {
          happened: `The agent does not answer at ${socketPath}: ${messageOf(cause)}`,
          remedy: 'Check that it runs, and that this command has the same configuration and rights',
          cause,
        }),
      );
    const request = get({ socketPath, path: '/v1/health', timeout: HEALTH_TIMEOUT_MS }, (response) => {
      readBounded(response, MAX_HEALTH_BYTES)
        .then(({ bytes }) => {
          const parsed = Health.safeParse(jsonOrUndefined(bytes.toString()));
          return parsed.success ? resolve(parsed.data) : refuse(new Error('its answer is not that of an agent'));
        })
        .catch(refuse);
    });
    request.once('timeout', () => request.destroy(new Error(`no answer within ${HEALTH_TIMEOUT_MS} ms`)));
    request.once('error', refuse);
  });
}

/** Prints phase, free disk, and each process with its end and its output. */
export function printStatus(health: Health, { write }: Pick<CommandDeps, 'write'>): void {
  write(`wip-agent ${health.agentVersion}: ${health.phase} for ${formatSeconds(health.uptimeSeconds)}\n`);
  if (health.disk) {
    const [free, total] = formatGigabytesApart(health.disk.freeBytes, health.disk.totalBytes);
    write(`disk: ${free} free of ${total}\n`);
  }
  for (const process of health.processes) {
    const end = process.result
      ? `${process.result.reason} ${process.result.exitCode ?? process.result.signal ?? ''}`
      : `running as ${process.pid ?? '?'}`;
    write(
      `${process.processId}: ${end.trim()}; ${process.streams.stdout.bytes} + ${process.streams.stderr.bytes} bytes of output\n`,
    );
  }
}
