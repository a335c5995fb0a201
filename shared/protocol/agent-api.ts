import { z } from 'zod';
import { EnvironmentName } from './overrides.ts';
import { ProcessResult, Usage } from './signals.ts';

/** Always accepted as the socket's address inside the container, and mapped to the actual path of the socket. */
export const AGENT_SOCKET = '/run/wip-agent/agent.sock';

/** Chosen by the control plane (a hash). It is part of a path, so it has no characters that need encoding. */
export const ProcessKey = z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/);

const Environment = z.record(EnvironmentName, z.string());

/** `PUT /v1/environment`: the secure overrides, once, kept in memory and given to processes. */
export const EnvironmentBody = z.strictObject({ secure: Environment });
export type EnvironmentBody = z.infer<typeof EnvironmentBody>;

/** `PUT /v1/processes/{key}`: same key and same body is the same process; another body is a conflict (409). */
export const StartProcess = z.strictObject({
  command: z.union([z.array(z.string()).min(1), z.strictObject({ shell: z.string().min(1) })]),
  /** Unix user; the workload user when absent. */
  user: z.string().min(1).optional(),
  /** Absolute, or relative to the user's home. */
  cwd: z.string().min(1).optional(),
  environment: Environment.optional(),
  /** Like `environment`, but masked in all output and never part of an answer. */
  secureEnvironment: Environment.optional(),
  /** Do not log or report the command line. */
  secure: z.boolean().optional(),
  stdin: z.string().optional(),
  /** `report` (default): output is sent in chunks, so that people can follow it. `keep`: output is only stored, and can be requested. */
  output: z.enum(['report', 'keep']).optional(),
  /** Seconds without progress after which the status says so (`noProgress`); the process goes on. */
  noProgressAfter: z.number().positive().optional(),
});
export type StartProcess = z.infer<typeof StartProcess>;

const StreamBytes = z.object({ bytes: z.number().int().min(0), omitted: z.number().int().min(0) });

/** `GET /v1/processes/{key}`, and the answer of the PUT. */
export const ProcessStatus = z.object({
  processId: z.string(),
  state: z.enum(['running', 'exited']),
  pid: z.number().int().nullable(),
  /** Unix seconds. */
  startTime: z.number(),
  /** Present once exited. */
  result: ProcessResult.optional(),
  streams: z.object({ stdout: StreamBytes, stderr: StreamBytes }),
  progress: z.number().int().min(0),
  secondsSinceProgress: z.number().min(0),
  /** True after `noProgressAfter` seconds without progress. */
  noProgress: z.boolean(),
});
export type ProcessStatus = z.infer<typeof ProcessStatus>;

/** `GET /v1/health?nonce=`: the readiness proof. */
export const Health = z.object({
  nonce: z.string().nullable(),
  agentVersion: z.string(),
  phase: z.enum(['booting', 'ready', 'stopping', 'gone']),
  uptimeSeconds: z.number(),
  limits: z.object({ maxTimeSeconds: z.number().nullable(), maxDiskBytes: z.number().nullable() }),
  processes: z.array(ProcessStatus),
  /** Free and total bytes of the filesystem the workload writes to, and the percentage in use. */
  disk: z.object({ freeBytes: z.number(), totalBytes: z.number(), usedPercent: z.number() }).nullable(),
  environmentSet: z.boolean(),
});
export type Health = z.infer<typeof Health>;

/** `POST /v1/processes/{key}/signal`: to the whole process tree; KILL follows after the grace period if one is given. */
export const SignalProcess = z.strictObject({
  signal: z.enum(['TERM', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'KILL', 'STOP', 'CONT']),
  graceSeconds: z.number().min(0).max(600).optional(),
});
export type SignalProcess = z.infer<typeof SignalProcess>;

/** `GET /v1/usage`. */
export const UsageAnswer = z.object({ usage: Usage });

/** Body of every error answer of the agent API. */
export const AgentApiError = z.object({ code: z.string(), message: z.string() });
