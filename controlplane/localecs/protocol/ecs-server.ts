import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { randomUUID } from 'node:crypto';
import { refuseCaller } from '../../../shared/http/http-callers.ts';
import type { Logger } from '../../../shared/system/logger.ts';
import { readBounded } from '../../../shared/http/read-bounded.ts';
import { parseRequestTarget } from '../../../shared/http/request-target.ts';
import { answerCall } from './answer-call.ts';
import { AwsError } from './aws-error.ts';
import { answerEc2, ec2Error } from '../operations/ec2-query.ts';
import type { ActionContext } from '../operations/action-context.ts';
import { checkAuthorization, checkSignature } from './signature.ts';
import { injectFaults } from '../faults/inject-fault.ts';
import { parseCallBody } from './parse-call-body.ts';

const TARGET = /^AmazonEC2ContainerServiceV20141113\.(\w+)$/;
/** A task definition may be 64 KiB. Every other input of ECS is smaller than a few of those. */
const MAX_BODY_BYTES = 1024 * 1024;

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const NO_OTHER_NAMES = { publicUrl: null, hosts: [] } as const;

/**
 * Serves the AWS JSON 1.1 protocol on `/` and the faults on `/_faults`. Every request must be signed. Requests that come
 * before `ready` resolves wait for it.
 */
export function createEcsServer(ready: Promise<ActionContext>, log: Logger): Server {
  // Without a Host it is refused below, with a body; Node would answer with none.
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    const answer = answererOf(request);
    const answering = ready.then((context) => answer(context, request, response, log));
    answering.catch((error: unknown) => {
      log.error({ err: error }, 'local ECS could not answer');
      response.destroy();
    });
  });
  server.on('clientError', answerBrokenRequest);
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    sendError(response, new AwsError('ValidationException', 'The expectation of the request cannot be met.', 417));
  });
  server.on('connect', (_request, socket: Duplex) => answerBrokenRequest(new Error('CONNECT'), socket));
  return server;
}

/** Node itself would answer with an empty body, and SDKs read a type. */
function answerBrokenRequest(cause: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || cause.code === 'ECONNRESET') return void socket.destroy();
  const body = JSON.stringify({ __type: 'ValidationException', message: 'The request is not HTTP as it should be.' });
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: ${CONTENT_TYPE}\r\nContent-Length: ${body.length}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

type Answerer = (
  context: ActionContext,
  request: IncomingMessage,
  response: ServerResponse,
  log: Logger,
) => Promise<void>;

function answererOf(request: IncomingMessage): Answerer {
  const target = parseRequestTarget(request.method, request.url);
  if (target.kind === 'path' && target.pathAndQuery === '/_faults') return handleFaults;
  return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? answerQuery : answerAction;
}

/** Returns the body of a request that may be answered. Throws when a web page sent it, or a caller without the key. */
async function readSigned(context: ActionContext, request: IncomingMessage, service: 'ecs' | 'ec2'): Promise<string> {
  const refusal = refuseCaller(request, NO_OTHER_NAMES);
  if (refusal) {
    throw new AwsError(
      'AccessDeniedException',
      `The ${refusal.kind} "${refusal.value.slice(0, 300)}" is refused.`,
      403,
    );
  }
  checkAuthorization(request, service, context.accessKey, context.callersClock.now());
  const body = await readBody(request);
  checkSignature(request, body, context.accessKey);
  return body.toString('utf8');
}

async function answerAction(
  context: ActionContext,
  request: IncomingMessage,
  response: ServerResponse,
  log: Logger,
): Promise<void> {
  const name = TARGET.exec(String(request.headers['x-amz-target']))?.[1] ?? '';
  try {
    const body = await readSigned(context, request, 'ecs');
    const answer = await answerCall(context, name, body);
    if (answer) send(response, 200, answer);
    else request.socket.destroy();
  } catch (error) {
    const awsError = asAwsError(error);
    if (awsError.status >= 500) log.error({ err: error, action: name }, 'local ECS failed');
    sendError(response, awsError);
  }
}

/** Answers the EC2 Query protocol, for the one question that a bridge network needs. */
async function answerQuery(context: ActionContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await readSigned(context, request, 'ec2').then(
    (body) => answerEc2(context, new URLSearchParams(body)),
    (error: unknown) => ec2Error(asAwsError(error)),
  );
  if (!answer) return void request.socket.destroy();
  response.writeHead(answer.status, { 'content-type': 'text/xml;charset=UTF-8' });
  response.end(answer.xml);
}

async function handleFaults(context: ActionContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await readSigned(context, request, 'ecs');
    if (request.method === 'DELETE') context.faults.clear();
    if (request.method === 'POST') await injectFaults(context, parseCallBody(body));
    send(response, 200, { faults: context.faults.list() });
  } catch (error) {
    const awsError = asAwsError(error);
    send(response, awsError.status, { code: awsError.type, message: awsError.message });
  }
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  return new AwsError('ServerException', error instanceof Error ? error.message : String(error), 500);
}

function sendError(response: ServerResponse, { status, type, message, fields }: AwsError): void {
  send(response, status, { __type: type, message, ...fields });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': randomUUID() });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const { bytes, isWhole } = await readBounded(request, MAX_BODY_BYTES);
  if (isWhole) return bytes;
  throw new AwsError('InvalidParameterException', `The request is longer than ${MAX_BODY_BYTES} bytes.`, 413);
}
