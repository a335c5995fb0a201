import { jsonOrUndefined } from '../../shared/text/json-or-undefined.ts';
import { errors, type Dispatcher, type Pool } from 'undici';
import {
  OPERATIONAL_ERRORS,
  OperationalError,
  messageOf,
  type OperationalErrorCode,
} from '../../shared/model/error.ts';
import { formatSeconds } from '../../shared/model/units.ts';
import { AgentApiError } from '../../shared/protocol/agent-api.ts';
import { readBounded } from '../../shared/http/read-bounded.ts';

export interface AgentCall {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Bytes are sent unchanged, everything else as JSON. */
  readonly body?: Buffer | object;
  readonly timeoutMs: number;
  readonly maxAnswerBytes?: number;
}

export interface AgentAnswer {
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Buffer;
}

// Bound of an answer that is not bytes. A health check with a hundred processes is 40 kB.
const MAX_JSON_BYTES = 4 * 1024 * 1024;

/** Makes one call. Every failure is an OperationalError, with the agent's own code where it is one of ours. */
export async function callAgent(pool: Pool, call: AgentCall): Promise<AgentAnswer> {
  try {
    return await send(pool, call);
  } catch (error) {
    if (error instanceof OperationalError) throw error;
    throw new OperationalError(codeOf(error), {
      happened: isLate(error)
        ? `The agent has not answered ${call.method} ${call.path} within ${formatSeconds(call.timeoutMs / 1000)}`
        : `The agent did not answer ${call.method} ${call.path}: ${messageOf(error)}`,
      remedy: 'Look at the container; it may be ending. The same call may be made again',
      cause: error,
    });
  }
}

/**
 * Without an answer the agent has refused nothing: the request may have been carried out or not, as with a command
 * whose connection breaks. Only an answer that cannot be understood is a failure of the agent.
 */
function codeOf(error: unknown): OperationalErrorCode {
  if (isLate(error)) return 'SSH_TIMEOUT';
  return error instanceof errors.SocketError ? 'SSH_CHANNEL' : 'AGENT_API_FAILED';
}

function isLate(error: unknown): boolean {
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
  return isTimeout || error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError;
}

async function send(pool: Pool, call: AgentCall): Promise<AgentAnswer> {
  const { method, path, query = {}, body, timeoutMs } = call;
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  const isBytes = Buffer.isBuffer(body);
  // One bound for the whole call, channel and answer included: undici's own timeouts start anew with each byte.
  const late = AbortSignal.timeout(timeoutMs);
  const request = pool.request({
    method,
    path: given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`,
    headers: body === undefined ? {} : { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' },
    body: body === undefined || isBytes ? (body ?? null) : JSON.stringify(body),
    signal: late,
  });
  // undici notices the end of the time only once it has a channel for the request.
  const answer = await unlessAborted(request, late);
  const maxBytes = call.maxAnswerBytes ?? MAX_JSON_BYTES;
  const { bytes: content, isWhole } = await readBounded(answer.body, maxBytes);
  if (!isWhole) {
    throw new OperationalError('AGENT_API_FAILED', {
      happened: `The agent's answer to ${method} ${path} is longer than ${maxBytes} bytes`,
      remedy: 'See whether agent and control plane are of the same version',
    });
  }
  if (answer.statusCode >= 200 && answer.statusCode < 300) return { headers: answer.headers, body: content };
  throw agentError(call, answer.statusCode, content);
}

/** Rejects with the reason of the signal as soon as it aborts. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { signal: over.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    over.abort();
  }
}

function agentError(call: AgentCall, status: number, content: Buffer): OperationalError {
  const parsed = AgentApiError.safeParse(jsonOrUndefined(content.toString()));
  const { happened, remedy } = sentences(parsed.success ? parsed.data.message : '');
  return new OperationalError(parsed.success && isOurs(parsed.data.code) ? parsed.data.code : 'AGENT_API_FAILED', {
    happened: happened || `The agent answered ${call.method} ${call.path} with status ${status}`,
    remedy: remedy || 'See whether agent and control plane are of the same version',
  });
}

function isOurs(code: string): code is OperationalErrorCode {
  return Object.hasOwn(OPERATIONAL_ERRORS, code);
}

/** Splits the agent's message, whose last sentence is the remedy. */
function sentences(message: string): { happened: string; remedy: string } {
  const text = message.replace(/\.$/, '');
  const last = text.lastIndexOf('. ');
  return last < 0 ? { happened: text, remedy: '' } : { happened: text.slice(0, last), remedy: text.slice(last + 2) };
}
