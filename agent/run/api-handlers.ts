import type { AgentApiHandlers, OutputRequest } from '../api/agent-routes.ts';
import type { Accounts } from '../config/accounts.ts';
import type { Lifecycle } from '../lifecycle/decide-lifecycle.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import { readUserFile, writeUserFile } from '../process/user-files.ts';
import type { Workload } from '../process/workload.ts';
import type { Log } from '../../shared/system/log.ts';
import type { Monitoring } from './monitoring.ts';

/** One piece of an answer: small enough to wait for a slow reader with, big enough for 30 MB/s through SSH. */
const PIECE_BYTES = 256 * 1024;

export interface ApiHandlersDeps {
  readonly agentVersion: string;
  readonly accounts: Accounts;
  readonly workload: Workload;
  readonly monitoring: Monitoring;
  readonly phase: () => Lifecycle['phase'];
  readonly shutdown: () => void;
  readonly log: Log;
}

/** Handles the calls of the agent API by means of the edges. */
export function createApiHandlers(deps: ApiHandlersDeps): AgentApiHandlers {
  const { workload, accounts, monitoring, log } = deps;
  return {
    health: (nonce) => Promise.resolve(health(deps, nonce)),
    putEnvironment: (secure) => workload.putEnvironment(secure),
    startProcess(key, body) {
      const { process, isNew } = workload.start(key, body);
      const status = process.status();
      if (isNew) log.info({ processId: key, pid: status.pid, user: process.account.name }, 'process started');
      return { status, isNew };
    },
    processStatus: (key) => workload.find(key).status(),
    processOutput(key, request, abort) {
      const process = workload.find(key);
      const { offset } = process.stream(request.stream).readAt(request.offset, 0);
      return { offset, body: outputPieces(process, { ...request, offset }, abort) };
    },
    signalProcess(key, request) {
      workload.find(key);
      log.info({ processId: key, ...request }, 'process signalled');
      workload.signal(key, request).catch((error: unknown) => log.error({ error, processId: key }, 'signal failed'));
    },
    writeFile: ({ path, user, mode }, content) => writeUserFile({ path, account: accounts.of(user) }, mode, content),
    readFile: ({ path, user }) => readUserFile({ path, account: accounts.of(user) }),
    usage: () => Promise.resolve(monitoring.usage()),
    shutdown: deps.shutdown,
  };
}

function health(deps: ApiHandlersDeps, nonce: string | null): Awaited<ReturnType<AgentApiHandlers['health']>> {
  const { monitoring, workload } = deps;
  const space = monitoring.readSpace();
  return {
    nonce,
    agentVersion: deps.agentVersion,
    phase: deps.phase(),
    uptimeSeconds: monitoring.uptimeSeconds(),
    limits: { maxTimeSeconds: monitoring.maxTimeSeconds, maxDiskBytes: monitoring.maxDiskBytes },
    processes: workload.statuses(),
    disk: {
      freeBytes: space.freeBytes,
      totalBytes: space.totalBytes,
      usedPercent: space.totalBytes === 0 ? 0 : Math.round((space.usedBytes / space.totalBytes) * 1_000) / 10,
    },
    environmentSet: workload.hasSecureEnvironment,
  };
}

/**
 * Yields the output from the offset to the end of what was read so far; a follower gets it to the end of the process.
 */
async function* outputPieces(
  process: ManagedProcess,
  request: OutputRequest,
  abort: AbortSignal,
): AsyncGenerator<Buffer> {
  let { offset, maxBytes: leftBytes } = request;
  while (leftBytes > 0 && !abort.aborted) {
    const piece = process.stream(request.stream).readAt(offset, Math.min(leftBytes, PIECE_BYTES));
    if (piece.data.length > 0) {
      yield piece.data;
      offset = piece.offset + piece.data.length;
      leftBytes -= piece.data.length;
    } else if (request.follow === 'once' || !process.isRunning) {
      return;
    } else {
      await process.changed(abort);
    }
  }
}
