import { OperationalError } from '../shared/model/error.ts';
import type { Environment } from './config.ts';

/** What the control plane puts into the container so that the agent can speak to it. */
export interface Addresses {
  readonly signalUrl: string;
  readonly signalBody: Readonly<Record<string, unknown>>;
  readonly enrolUrl: string;
  readonly enrolToken: string;
  readonly taskArn: string | undefined;
  readonly allowHttp: boolean;
}

/** Throws CONFIG_INVALID naming what is missing. */
export function readAddresses(environment: Environment): Addresses {
  const required = ['SIGNAL_URL', 'WIP_ENROL_URL', 'WIP_ENROL'] as const;
  const missing = required.filter((name) => !environment[name]);
  if (missing.length > 0) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `The environment of the container does not have ${missing.join(', ')}`,
      remedy: 'Let the control plane start this container; it sets them',
    });
  }
  return {
    signalUrl: environment['SIGNAL_URL'] ?? '',
    signalBody: parseSignalBody(environment['SIGNAL_BODY']),
    enrolUrl: environment['WIP_ENROL_URL'] ?? '',
    enrolToken: environment['WIP_ENROL'] ?? '',
    taskArn: environment['WIP_TASK_ARN'] || undefined,
    allowHttp: environment['WIP_ALLOW_HTTP'] === 'true',
  };
}

function parseSignalBody(text: string | undefined): Record<string, unknown> {
  if (text === undefined || text === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw new OperationalError('CONFIG_INVALID', {
    happened: 'The environment variable SIGNAL_BODY is not a JSON object',
    remedy: 'Let the control plane start this container; it sets it',
  });
}
