import { OperationalError } from '../../shared/model/error.ts';
import { BUILD_TOOL_STANDBY } from '../../shared/protocol/build-order.ts';
import type { Environment } from './agent-config.ts';

/** Addresses and token that the control plane puts into the container, so that the agent can speak to it. */
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
    signalUrl: parseSignalUrl(environment['SIGNAL_URL'] ?? ''),
    signalBody: parseSignalBody(environment['SIGNAL_BODY']),
    enrolUrl: environment['WIP_ENROL_URL'] ?? '',
    enrolToken: environment['WIP_ENROL'] ?? '',
    taskArn: environment['WIP_TASK_ARN'] || undefined,
    allowHttp: environment['WIP_ALLOW_HTTP'] === 'true',
  };
}

/** The error does not quote the address: the callback id in it is half a secret. */
function parseSignalUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new OperationalError('CONFIG_INVALID', {
    happened: 'The environment variable SIGNAL_URL is not an http(s) address',
    remedy: 'Let the control plane start this container; it sets it',
  });
}

function parseSignalBody(text: string | undefined): Record<string, unknown> {
  if (text === undefined || text === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // JSON that is no object gets the error below, too.
  }
  throw new OperationalError('CONFIG_INVALID', {
    happened: 'The environment variable SIGNAL_BODY is not a JSON object',
    remedy: 'Let the control plane start this container; it sets it',
  });
}

/** Reads ENTRY_POINT_DELAY, the least time between start and ready. Throws CONFIG_INVALID. */
export function readEntryDelayMs(environment: Environment): number {
  const text = environment['ENTRY_POINT_DELAY'] ?? '';
  if (/^\d{0,5}$/.test(text)) return Number(text) * 1_000;
  throw new OperationalError('CONFIG_INVALID', {
    happened: `The environment variable ENTRY_POINT_DELAY is "${text}", which is not a number of seconds`,
    remedy: 'Set it to a whole number, or leave it out',
  });
}

/** Reads whether the container is expected to run the build tool. Throws CONFIG_INVALID. */
export function expectsBuildTool(environment: Environment): boolean {
  const text = environment[BUILD_TOOL_STANDBY] ?? '';
  if (['', 'true', 'false'].includes(text)) return text === 'true';
  throw new OperationalError('CONFIG_INVALID', {
    happened: `The environment variable ${BUILD_TOOL_STANDBY} is "${text}", which is neither true nor false`,
    remedy: 'Set it to one of them, or leave it out',
  });
}

/** Reads DEVELOPER_SSH_KEY, an OpenSSH public key in one line; undefined when there is none. Throws CONFIG_INVALID. */
export function readDeveloperKey(environment: Environment): string | undefined {
  const text = environment['DEVELOPER_SSH_KEY']?.trim();
  if (!text) return undefined;
  const [, type, encoded] = /^([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})( [^\r\n]*)?$/.exec(text) ?? [];
  // The bytes begin with the type once more, its length before it (RFC 4253 section 6.6).
  const bytes = Buffer.from(encoded ?? '', 'base64');
  if (type !== undefined && bytes.toString('latin1', 4, 4 + type.length) === type) return text;
  throw new OperationalError('CONFIG_INVALID', {
    happened: 'The environment variable DEVELOPER_SSH_KEY is not an OpenSSH public key',
    remedy: 'Set it to one line such as "ssh-ed25519 AAAA…", or leave it out',
  });
}
