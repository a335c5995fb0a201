import { randomUUID } from 'node:crypto';
import { AwsError } from './aws-error.ts';
import type { ActionContext } from './action-context.ts';
import { ec2InstanceIds } from './container-instances.ts';

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

/** Answers DescribeInstances: every instance has the address of this machine. */
export function answerEc2(context: ActionContext, query: URLSearchParams): Ec2Answer {
  try {
    const action = query.get('Action') ?? '';
    context.faults.onCall(action);
    if (action !== 'DescribeInstances')
      throw new AwsError('InvalidAction', 'The action is not valid for this web service.');
    const ids = [...query].filter(([name]) => name.startsWith('InstanceId.')).map(([, id]) => id);
    const known = ec2InstanceIds(context);
    const stranger = ids.find((id) => !known.includes(id));
    if (stranger !== undefined) {
      throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${stranger}' does not exist`);
    }
    return { status: 200, xml: descriptionOf(ids.length === 0 ? known : ids) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return ec2Error(error);
  }
}

export function ec2Error({ type, status, message }: AwsError): Ec2Answer {
  const [code, ec2Status] = EC2_ERRORS[type] ?? [type, status];
  const xml = `<Response><Errors><Error><Code>${code}</Code><Message>${escape(message)}</Message></Error></Errors><RequestID>${randomUUID()}</RequestID></Response>`;
  return { status: ec2Status, xml };
}

function escape(text: string): string {
  return text.replace(/[<>&]/g, (each) => `&#${each.charCodeAt(0)};`);
}

function descriptionOf(instanceIds: readonly string[]): string {
  const items = instanceIds.map(
    (id) => `<item><instanceId>${id}</instanceId><instanceState><code>16</code><name>running</name></instanceState>
<privateIpAddress>127.0.0.1</privateIpAddress></item>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<DescribeInstancesResponse xmlns="${NAMESPACE}"><requestId>${randomUUID()}</requestId><reservationSet><item>
<reservationId>r-local</reservationId><instancesSet>${items.join('')}</instancesSet></item></reservationSet></DescribeInstancesResponse>
`;
}
