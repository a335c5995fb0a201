import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { refuseCaller } from '../../shared/support/http-callers.ts';
import type { Logger } from '../../shared/support/logger.ts';
import { readBounded } from '../../shared/support/read-bounded.ts';
import { AwsError } from './aws-error.ts';
import * as clusters from './cluster-actions.ts';
import * as definitions from './definition-actions.ts';
import { answerEc2, ec2Error } from './ec2-query.ts';
import { ContainerFault, EcsFault, FaultSchedule } from './faults.ts';
import type { ActionContext } from './action-context.ts';
import { runTaskAction } from './run-task-action.ts';
import { checkAuthorization, checkSignature } from './signature.ts';
import { injectFault } from './inject-fault.ts';
import * as instances from './instance-actions.ts';
import * as tags from './tag-actions.ts';
import * as tasks from './task-actions.ts';

type Action = (context: ActionContext, input: unknown) => object | Promise<object>;

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['CreateCluster', clusters.createClusterAction],
  ['DeleteCluster', clusters.deleteClusterAction],
  ['DescribeClusters', clusters.describeClustersAction],
  ['ListClusters', clusters.listClustersAction],
  ['UpdateCluster', clusters.updateClusterAction],
  ['DescribeContainerInstances', instances.describeContainerInstancesAction],
  ['ListContainerInstances', instances.listContainerInstancesAction],
  ['RegisterTaskDefinition', definitions.registerTaskDefinitionAction],
  ['DeregisterTaskDefinition', definitions.deregisterTaskDefinitionAction],
  ['DeleteTaskDefinitions', definitions.deleteTaskDefinitionsAction],
  ['DescribeTaskDefinition', definitions.describeTaskDefinitionAction],
  ['ListTaskDefinitions', definitions.listTaskDefinitionsAction],
  ['ListTaskDefinitionFamilies', definitions.listTaskDefinitionFamiliesAction],
  ['RunTask', runTaskAction],
  ['StopTask', tasks.stopTaskAction],
  ['DescribeTasks', tasks.describeTasksAction],
  ['ListTasks', tasks.listTasksAction],
  ['ExecuteCommand', tasks.executeCommandAction],
  ['TagResource', tags.tagResourceAction],
  ['UntagResource', tags.untagResourceAction],
  ['ListTagsForResource', tags.listTagsForResourceAction],
]);

const TARGET = /^AmazonEC2ContainerServiceV20141113\.(\w+)$/;
/** A task definition may be 64 KiB. Every other input of ECS is smaller than a few of those. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Deeper than anything that ECS takes, and far from where printing it again would have no stack left. */
const MAX_DEPTH = 32;

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
  if (request.url === '/_faults') return handleFaults;
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
    const action = ACTIONS.get(name);
    if (!action) throw new AwsError('UnknownOperationException', `Local ECS does not know the operation "${name}".`);
    const { reset } = context.faults.onCall(name);
    if (reset === 'before') return void request.socket.destroy();
    const answer = await action(context, parseJson(body));
    if (reset === 'after') return void request.socket.destroy();
    send(response, 200, answer);
  } catch (error) {
    const awsError = asAwsError(error);
    if (awsError.status >= 500) log.error({ err: error, action: name }, 'local ECS failed');
    sendError(response, awsError);
  }
}

/** Answers the EC2 Query protocol, for the one question that a bridge network needs. */
async function answerQuery(context: ActionContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, xml } = await readSigned(context, request, 'ec2').then(
    (body) => answerEc2(context, new URLSearchParams(body)),
    (error: unknown) => ec2Error(asAwsError(error)),
  );
  response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8' });
  response.end(xml);
}

async function handleFaults(context: ActionContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await readSigned(context, request, 'ecs');
    if (request.method === 'DELETE') context.faults.clear();
    if (request.method === 'POST') await addFaults(context, parseJson(body));
    send(response, 200, { faults: context.faults.list() });
  } catch (error) {
    const awsError = asAwsError(error);
    send(response, awsError.status, { code: awsError.type, message: awsError.message });
  }
}

async function addFaults(context: ActionContext, body: unknown): Promise<void> {
  for (const each of z.array(z.union([EcsFault, FaultSchedule, ContainerFault])).parse(body)) {
    const immediate = ContainerFault.safeParse(each);
    if (immediate.success) await injectFault(context, immediate.data);
    else context.faults.add([each as EcsFault]);
  }
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof z.ZodError) return new AwsError('InvalidParameterException', z.prettifyError(error));
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

function parseJson(text: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new AwsError('SerializationException', 'The request is not JSON.');
  }
  if (isDeeperThan(parsed, MAX_DEPTH))
    throw new AwsError('SerializationException', 'The request is nested too deeply.');
  return parsed;
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(each, levels - 1));
}
