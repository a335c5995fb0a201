import type { ExitStatus } from '../../../shared/model/status.ts';
import type { LogReport, SecretOption, StatusReport } from '../context.ts';
import type { OutgoingRequest, RequestSignature } from '../outgoing-request.ts';

// The API of the pipeline service, as established: field names, words and Unix seconds are the receiver's.

/** The options that name a job of the pipeline service. Its credentials are sealed. */
export interface PipelineJob {
  readonly pipelineEndpoint?: string | undefined;
  readonly pipelineJobId?: string | undefined;
  readonly applications?: readonly string[] | undefined;
  readonly pipelineVerify: boolean;
}

export const PIPELINE_CREDENTIALS = ['pipelineApiKey', 'pipelineApiSecret', 'authToken'] as const;

// The realm of the service, in its own clients and in the fixtures of the specification.
const REALM = 'CIStore';
// As long as a finished task is kept by default: a service that is away over a weekend misses nothing.
const GIVE_UP_SECONDS = 3 * 86_400;

type PipelineStatus =
  'queued' | 'running' | 'paused' | 'succeeded' | 'failed_by_system' | 'failed_by_user' | 'terminated';

const STATUS_OF_END: Readonly<Record<ExitStatus, PipelineStatus>> = {
  COMPLETED: 'succeeded',
  WARNING: 'succeeded',
  ERROR_USER: 'failed_by_user',
  ERROR_SYSTEM: 'failed_by_system',
  TERMINATED: 'terminated',
  NOT_FINISHED: 'failed_by_system',
};

/** `PUT /api/v1/ci/jobs/{job}`. Reports of one job arrive in order: a build that has ended is never running again. */
export function statusOfJob(
  job: PipelineJob,
  { status, startedAt, end }: StatusReport,
  secretOption: SecretOption,
): OutgoingRequest | null {
  return request(job, secretOption, {
    method: 'PUT',
    path: '',
    order: 'pipeline status',
    body: {
      status: status === 'ended' ? STATUS_OF_END[end?.exit.status ?? 'NOT_FINISHED'] : status,
      started_at: unixSeconds(startedAt),
      finished_at: unixSeconds(end?.at ?? null),
      exit_message: end?.exit.message ?? null,
    },
  });
}

/** `POST …/logs`: one entry. */
export function logOfJob(
  job: PipelineJob,
  { at, level, message }: LogReport,
  secretOption: SecretOption,
): OutgoingRequest | null {
  const body = { timestamp: unixSeconds(at), level, message };
  return request(job, secretOption, { method: 'POST', path: '/logs', order: 'pipeline logs', body });
}

/** `PUT …/metadata`: one pair. */
export function metadataOfJob(
  job: PipelineJob,
  pair: { readonly key: string; readonly value: string },
  secretOption: SecretOption,
): OutgoingRequest | null {
  return request(job, secretOption, { method: 'PUT', path: '/metadata', order: 'pipeline metadata', body: pair });
}

interface Report {
  readonly method: 'PUT' | 'POST';
  readonly path: string;
  readonly order: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Returns null for a task without an endpoint, a job or credentials: nobody is told of it. */
function request(job: PipelineJob, secretOption: SecretOption, report: Report): OutgoingRequest | null {
  const { pipelineEndpoint, pipelineJobId, applications, pipelineVerify } = job;
  const sign = signatureOf(secretOption);
  const token = textOf(secretOption, 'authToken');
  if (pipelineEndpoint === undefined || pipelineJobId === undefined || !(sign ?? token)) return null;
  const base = pipelineEndpoint.replace(/\/+$/, '');
  const common = {
    applications: applications ?? [],
    job_id: pipelineJobId,
    ...(token !== undefined && { auth_token: token }),
  };
  return {
    method: report.method,
    url: `${base}/api/v1/ci/jobs/${encodeURIComponent(pipelineJobId)}${report.path}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...report.body, ...common }),
    giveUpAfterSeconds: GIVE_UP_SECONDS,
    order: report.order,
    ...(sign && { sign }),
    ...(!pipelineVerify && { certificate: 'any' as const }),
  };
}

function signatureOf(secretOption: SecretOption): RequestSignature | undefined {
  const id = textOf(secretOption, 'pipelineApiKey');
  const secret = textOf(secretOption, 'pipelineApiSecret');
  return id === undefined || secret === undefined
    ? undefined
    : { scheme: 'acquia-http-hmac', realm: REALM, id, secret };
}

function textOf(secretOption: SecretOption, name: (typeof PIPELINE_CREDENTIALS)[number]): string | undefined {
  const value = secretOption(name);
  return typeof value === 'string' ? value : undefined;
}

function unixSeconds(at: Date | null): number | null {
  return at && Math.floor(at.getTime() / 1_000);
}
