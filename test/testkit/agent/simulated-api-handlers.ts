import type { Readable } from 'node:stream';
import { PassThrough } from 'node:stream';
import type { AgentApiHandlers } from '../../../agent/api/agent-routes.ts';
import type { CommandRunner } from '../../../agent/ssh/command-runner.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import type { Health } from '../../../shared/protocol/agent-api.ts';
import type { Usage } from '../../../shared/protocol/signals.ts';
import type { SimulatedWorkload } from './simulated-workload.ts';

export interface SimulatedApiDeps {
  readonly workload: SimulatedWorkload;
  /** What of the health is not the workload's. */
  readonly health: () => Pick<Health, 'phase' | 'limits' | 'disk'>;
  readonly usage: () => Usage;
  readonly shutdown: () => void;
}

export const SIMULATED_VERSION = 'simulated';

/** Returns the handlers of the agent API of a simulated container. */
export function simulatedApiHandlers({ workload, health, usage, shutdown }: SimulatedApiDeps): AgentApiHandlers {
  return {
    health: (nonce) =>
      Promise.resolve({
        nonce,
        agentVersion: SIMULATED_VERSION,
        uptimeSeconds: usage().wallSeconds,
        processes: workload.all().map((process) => process.status()),
        environmentSet: workload.hasSecureEnvironment,
        ...health(),
      }),
    putEnvironment: (secure) => workload.putEnvironment(secure),
    startProcess(key, body) {
      const { process, isNew } = workload.start(key, body);
      return { status: process.status(), isNew };
    },
    processStatus: (key) => workload.find(key).status(),
    processOutput(key, { stream, offset, maxBytes }) {
      return { offset, body: once(workload.find(key).read(stream, offset, maxBytes)) };
    },
    signalProcess: (key, request) => workload.signal(key, request),
    async writeFile({ path }, content) {
      workload.writeFile(path, await readAll(content));
    },
    readFile({ path }) {
      const file = workload.readFile(path);
      if (file) return Promise.resolve(file);
      throw new OperationalError('FILE_REFUSED', {
        happened: `There is no file ${path} in this container`,
        remedy: 'Write it first, or name another',
      });
    },
    usage: () => Promise.resolve(usage()),
    shutdown,
  };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
}

async function readAll(content: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Answers like a shell that does not exist: a simulated container has none. */
export const noShell: CommandRunner = ({ command }) => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdout.end();
  stderr.end(`${command}: there is no shell in a simulated container\n`);
  return { stdin, stdout, stderr, kill: () => undefined, exited: Promise.resolve({ code: 127, signal: null }) };
};
