import { z } from 'zod';
import { OperationalError, type OperationalErrorCode } from '../../../shared/model/error.ts';
import type { Health, ProcessStatus } from '../../../shared/protocol/agent-api.ts';
import type { ProcessResult } from '../../../shared/protocol/signals.ts';
import type { CommandOutcome } from '../exec-command.ts';

// Answers of the wrapper, as lines `name=value`. They come out of a container in which a build may have changed anything.

const Count = z
  .string()
  .trim()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const Empty = z.literal('').transform(() => null);
const Signal = z.string().regex(/^[A-Z0-9]{1,10}$/);

const StatusLines = z.object({
  group: z.union([Empty, Count]),
  since: Count,
  code: z.union([Empty, z.literal('killed'), Count]),
  ended: z.union([Empty, Count]),
  out: Count,
  err: Count,
  work: Count,
  cancelled: z.union([Empty, Signal]),
  patience: z.union([
    Empty,
    z
      .string()
      .regex(/^\d{1,9}(\.\d{1,9})?$/)
      .transform(Number),
  ]),
  idle: z.string().transform((text) => Math.max(0, Number(text) || 0)),
});

const HealthLines = z.object({
  nonce: z.string().optional(),
  missing: z.string().optional(),
  environment: z.string().optional(),
  uptime: Count.catch(0),
  total: Count.optional(),
  free: Count.optional(),
});

// The exit code of a shell for a command that a signal ended is this much above the signal's number (POSIX, "Exit Status
// for Commands").
const SIGNALLED = 128;

export function parseStatus(processId: string, outcome: CommandOutcome): ProcessStatus {
  const { group, since, code, ended, out, err, work, cancelled, patience, idle } = parseLines(StatusLines, outcome);
  const result = code === null ? null : resultOf({ code, cancelled, endTime: ended ?? since });
  return {
    processId,
    state: result ? 'exited' : 'running',
    pid: group,
    startTime: since,
    ...(result && { result }),
    streams: { stdout: { bytes: out, omitted: 0 }, stderr: { bytes: err, omitted: 0 } },
    progress: work,
    secondsSinceProgress: idle,
    noProgress: result === null && patience !== null && idle >= patience,
  };
}

function resultOf(end: { code: number | 'killed'; cancelled: string | null; endTime: number }): ProcessResult {
  const { code, cancelled, endTime } = end;
  if (code === 'killed') return { exitCode: null, signal: 'SIGKILL', reason: 'killed', endTime };
  if (cancelled === null) return { exitCode: code, signal: null, reason: 'exited', endTime };
  return code > SIGNALLED
    ? { exitCode: null, signal: `SIG${cancelled}`, reason: 'cancelled', endTime }
    : { exitCode: code, signal: null, reason: 'cancelled', endTime };
}

const KIB = 1024;

export function parseHealth(nonce: string, outcome: CommandOutcome): Health {
  const told = parseLines(HealthLines, outcome);
  if (told.missing !== undefined) {
    throw new OperationalError('AGENT_API_FAILED', {
      happened: `The image has no ${told.missing}, which the control plane needs in a container without an agent`,
      remedy: 'Install it in the image (util-linux, coreutils and awk have what is needed), or put the agent into it',
    });
  }
  if (told.nonce !== nonce) throw notUnderstood('it belongs to another question');
  const { total, free } = told;
  const isMeasured = total !== undefined && free !== undefined && total > 0;
  return {
    nonce,
    agentVersion: 'none',
    phase: 'ready',
    uptimeSeconds: told.uptime,
    limits: { maxTimeSeconds: null, maxDiskBytes: null },
    processes: [],
    disk: isMeasured ? { freeBytes: free * KIB, totalBytes: total * KIB, usedPercent: 100 * (1 - free / total) } : null,
    environmentSet: told.environment !== undefined,
  };
}

function parseLines<T extends z.ZodType>(schema: T, { stdout }: CommandOutcome): z.output<T> {
  const pairs = stdout
    .toString()
    .split('\n')
    .map((line) => /^([a-z]+)=(.*)$/.exec(line))
    .flatMap((match): [string, string][] => (match ? [[match[1] ?? '', match[2] ?? '']] : []));
  const parsed = schema.safeParse(Object.fromEntries(pairs));
  if (parsed.success) return parsed.data;
  throw notUnderstood(z.prettifyError(parsed.error));
}

function notUnderstood(why: string): OperationalError {
  return new OperationalError('AGENT_API_FAILED', {
    happened: `The answer of the wrapper in the container is not understood: ${why}`,
    remedy: 'Look at /tmp and at the start-up files of root in the image: nothing may print on login',
  });
}

const CODES: ReadonlyMap<number | null, { code: OperationalErrorCode; remedy: string }> = new Map([
  [65, { code: 'SSH_CHANNEL', remedy: 'Nothing was done: the same call may be made again' }],
  [66, { code: 'PROCESS_CONFLICT', remedy: 'Use another key for another command' }],
  [67, { code: 'PROCESS_UNKNOWN', remedy: 'It was never started, or the build has removed the files of the wrapper' }],
  [68, { code: 'FILE_REFUSED', remedy: 'See whether the path is there and may be used' }],
  [69, { code: 'AGENT_API_FAILED', remedy: 'Look at the load and the disk of the container, and try again' }],
]);

/** Throws when the wrapper has refused, in its own words. */
export function refuseFailure(outcome: CommandOutcome): CommandOutcome {
  if (outcome.exitCode === 0) return outcome;
  const words = outcome.stderr.toString().trim().slice(0, 500);
  const known = CODES.get(outcome.exitCode);
  throw new OperationalError(known?.code ?? 'AGENT_API_FAILED', {
    happened:
      `The wrapper in the container ended with ${outcome.exitCode ?? outcome.signal ?? 'no code'}: ${words || 'it said nothing'}`.replace(
        /\.$/,
        '',
      ),
    remedy: known?.remedy ?? 'Look at the container: something has changed or removed the wrapper in /tmp',
  });
}
