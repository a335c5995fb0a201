import { randomUUID } from 'node:crypto';
import { AwsError } from '../protocol/aws-error.ts';
import type { ActionContext } from './action-context.ts';
import { ec2InstanceIds } from '../placement/container-instances.ts';
import { interfaceAddress } from './task-view.ts';

const XML = '<?xml version="1.0" encoding="UTF-8"?>';
const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

/** EC2's own codes for errors that have other names in the JSON protocol (Amazon EC2 API reference, "Error codes"). */
const EC2_ERRORS: Readonly<Record<string, readonly [code: string, status: number]>> = {
  MissingAuthenticationTokenException: ['MissingAuthenticationToken', 403],
  IncompleteSignatureException: ['IncompleteSignature', 400],
  InvalidSignatureException: ['SignatureDoesNotMatch', 403],
  UnrecognizedClientException: ['AuthFailure', 401],
};

interface Ec2Answer {
  readonly status: number;
  readonly xml: string;
}

/**
 * Answers for instances, which all have one address, and for network interfaces, which may have their own; null when an
 * injected fault resets the connection instead.
 */
export function answerEc2(context: ActionContext, query: URLSearchParams): Ec2Answer | null {
  try {
    const action = query.get('Action') ?? '';
    const answers = ANSWERS.get(action);
    if (!answers) throw new AwsError('InvalidAction', 'The action is not valid for this web service.');
    const { reset } = context.faults.onCall(action);
    if (reset === 'before') return null;
    const xml = answers(context, query);
    return reset === 'after' ? null : { status: 200, xml };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return ec2Error(error);
  }
}

const ANSWERS: ReadonlyMap<string, (context: ActionContext, query: URLSearchParams) => string> = new Map([
  ['DescribeInstances', machinesOf],
  ['DescribeNetworkInterfaces', interfacesOf],
]);

function machinesOf(context: ActionContext, query: URLSearchParams): string {
  const ids = [...query].filter(([name]) => name.startsWith('InstanceId.')).map(([, id]) => id);
  const known = ec2InstanceIds(context);
  const stranger = ids.find((id) => !known.includes(id));
  if (stranger !== undefined) {
    throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${stranger}' does not exist`);
  }
  return descriptionOf(context, ids.length === 0 ? known : ids);
}

export function ec2Error({ type, status, message }: AwsError): Ec2Answer {
  const [code, ec2Status] = EC2_ERRORS[type] ?? [type, status];
  const xml = `<Response><Errors><Error><Code>${code}</Code><Message>${escape(message)}</Message></Error></Errors><RequestID>${randomUUID()}</RequestID></Response>`;
  return { status: ec2Status, xml };
}

function escape(text: string): string {
  return text.replace(/[<>&]/g, (each) => `&#${each.charCodeAt(0)};`);
}

function descriptionOf(
  { machineAddress: address }: Pick<ActionContext, 'machineAddress'>,
  instanceIds: readonly string[],
): string {
  const items = instanceIds.map(
    (id) => `<item><instanceId>${id}</instanceId><instanceState><code>16</code><name>running</name></instanceState>
<privateIpAddress>${address}</privateIpAddress><ipAddress>${address}</ipAddress></item>`,
  );
  return `${XML}
<DescribeInstancesResponse xmlns="${NAMESPACE}"><requestId>${randomUUID()}</requestId><reservationSet><item>
<reservationId>r-local</reservationId><instancesSet>${items.join('')}</instancesSet></item></reservationSet></DescribeInstancesResponse>
`;
}

/** Interfaces are asked for by id, or by a filter of ids, which leaves out those that do not exist. */
function interfacesOf(context: ActionContext, query: URLSearchParams): string {
  const attached = Object.values(context.state.tasks).flatMap((task) => {
    const { attachment, pullStartedAt, lastStatus } = task;
    const address = interfaceAddress(context, task);
    const isThere = pullStartedAt !== null && lastStatus !== 'STOPPED';
    return attachment !== null && address !== null && isThere ? [{ ...attachment, address }] : [];
  });
  const valuesOf = (prefix: string): string[] =>
    [...query].filter(([name]) => name.startsWith(prefix)).map(([, value]) => value);
  const byId = valuesOf('NetworkInterfaceId.');
  const stranger = byId.find((id) => attached.every(({ networkInterface }) => networkInterface !== id));
  if (stranger !== undefined) {
    throw new AwsError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${stranger}' does not exist`);
  }
  const filter = query.get('Filter.1.Name') ?? 'network-interface-id';
  if (filter !== 'network-interface-id')
    throw new AwsError('InvalidParameterValue', `The filter '${filter}' is invalid`);
  const wanted = new Set([...byId, ...valuesOf('Filter.1.Value.')]);
  const items = attached
    .filter(({ networkInterface }) => wanted.size === 0 || wanted.has(networkInterface))
    .map(({ networkInterface, subnet, isPublic, address }) => {
      const association = isPublic ? `<association><publicIp>${address}</publicIp></association>` : '';
      return `<item><networkInterfaceId>${networkInterface}</networkInterfaceId><subnetId>${escape(subnet)}</subnetId>
<privateIpAddress>${address}</privateIpAddress>${association}</item>`;
    });
  return `${XML}
<DescribeNetworkInterfacesResponse xmlns="${NAMESPACE}"><requestId>${randomUUID()}</requestId>
<networkInterfaceSet>${items.join('')}</networkInterfaceSet></DescribeNetworkInterfacesResponse>
`;
}
