// Requests that arrive over HTTP.
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { agentRoutes, type AgentApiHandlers, type Call } from '../../../agent/api/agent-routes.ts';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { CallbackId, CALLBACK_ID_LENGTH, TaskId } from '../../../shared/model/ids.ts';
import { CLASS_ID, HEADER } from '../../../shared/protocol/signals.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { sign } from '../../../shared/keys/signing.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';
import type { Target } from '../fuzz-target.ts';

const CALLBACK = CallbackId.parse('c'.repeat(CALLBACK_ID_LENGTH));
const KEY = Buffer.alloc(32, 7);
const START_SECONDS = 1_772_366_400;
/** Time between two requests, so that no limit of requests a second is reached. */
const PAUSE_SECONDS = 60;
const JSON_PIECES = [
  '{"',
  '":',
  '"',
  ',"',
  '}',
  '[',
  ']',
  'null',
  'true',
  '1',
  '-1',
  '1.5',
  '"a"',
  '{}',
  '[]',
  '\\u0000',
];

/** The first line of an input chooses the path, the rest is the body. */
function splitInput(input: Buffer): { head: string; body: Buffer } {
  const end = input.indexOf('\n');
  return { head: input.subarray(0, end < 0 ? 0 : end).toString(), body: input.subarray(end + 1) };
}

let app: FastifyInstance | undefined;
let nowSeconds = START_SECONDS;

/** Makes a control plane in memory that knows one container. */
function controlPlane(): FastifyInstance {
  if (app) return app;
  const now = (): Date => new Date(nowSeconds * 1000);
  const services = new MemoryServices({ ...systemClock, now, monotonicMs: () => nowSeconds * 1000 });
  services.signingKeys.set(CALLBACK, { key: KEY, keyId: 'k1', taskId: TaskId.parse(1) });
  return (app = createHttpApi(services.apiDeps));
}

/** Sends the request with the container's signature, so that the code behind the check is reached. */
async function sendSigned(path: string, body: Buffer): Promise<void> {
  const webhookId = 'k1:1';
  const timestamp = (nowSeconds += PAUSE_SECONDS);
  const answer = await controlPlane().inject({
    method: 'POST',
    url: `/v1/signal/${CALLBACK}${path}`,
    headers: {
      [HEADER.id]: webhookId,
      [HEADER.timestamp]: String(timestamp),
      [HEADER.signature]: sign(KEY, { webhookId, timestamp, callbackId: CALLBACK, body }),
      'content-type': 'application/json',
    },
    payload: body,
  });
  const { statusCode } = answer;
  const isBehindTheDoor = statusCode !== 401 && statusCode !== 403 && statusCode !== 429;
  if (statusCode >= 500 || !isBehindTheDoor) throw new Error(`the answer is ${answer.statusCode}: ${answer.body}`);
}

const DOORS: AgentApiHandlers = {
  health: () => Promise.reject(new Error('not asked here')),
  putEnvironment: () => undefined,
  startProcess: () => ({ status: STATUS, isNew: true }),
  processStatus: () => STATUS,
  processOutput: () => ({ offset: 0, body: Readable.from([]) }),
  signalProcess: () => undefined,
  writeFile: () => Promise.resolve(),
  readFile: () => Promise.resolve(Buffer.alloc(0)),
  usage: () => Promise.reject(new Error('not asked here')),
  shutdown: () => undefined,
};
const STATUS = {} as ReturnType<AgentApiHandlers['processStatus']>;
const routes = agentRoutes(DOORS);

async function callAgent(head: string, body: Buffer): Promise<void> {
  const [method = '', path = ''] = head.split(' ');
  const url = URL.parse(path, 'http://agent');
  if (!url || /^\/v1\/(health|usage)$/.test(url.pathname)) return;
  const call: Call = {
    method,
    segments: url.pathname.split('/').slice(1),
    query: url.searchParams,
    abort: new AbortController().signal,
    stream: Readable.from([]),
    json: () => Promise.resolve(JSON.parse(body.toString()) as unknown),
  };
  try {
    await routes(call);
  } catch (error) {
    // The server in front of the routes answers this error (agent/api/socket-server.ts).
    if (!(error instanceof SyntaxError)) throw error;
  }
}

const SIGNAL_PIECES = [
  ...Object.values(CLASS_ID).map((id) => `"classId":"${id}"`),
  '"type":1',
  '"pid":12',
  '"usage":{}',
];

export const REQUEST_TARGETS: readonly Target[] = [
  {
    name: 'signals',
    share: 8,
    pieces: [...JSON_PIECES, ...SIGNAL_PIECES, '\n', '/chunks\n', '/heartbeat\n', '{"classId":"'],
    run(input) {
      const { head, body } = splitInput(input);
      return sendSigned(head === '/chunks' || head === '/heartbeat' ? head : '', body);
    },
  },
  {
    name: 'agent-api',
    share: 10,
    pieces: [
      ...JSON_PIECES,
      'PUT /v1/processes/a\n',
      'PUT /v1/files?path=/a&mode=600\n',
      'GET /v1/processes/a/output?offset=0&follow=1\n',
      'POST /v1/processes/a/signal\n',
      'PUT /v1/environment\n',
      '"command":["a"]',
      '"environment":{"A":"b"}',
      '&stream=stderr',
      '&maxBytes=99999999999999999',
    ],
    run(input) {
      const { head, body } = splitInput(input);
      return callAgent(head, body);
    },
  },
];
