import { AwsError } from './aws-error.ts';
import { EC2_INSTANCE_ID, type LocalWorld } from './local-world.ts';

const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

/** DescribeInstances of the one machine that local ECS has. */
export function answerEc2(
  world: LocalWorld,
  query: URLSearchParams,
): { readonly status: number; readonly xml: string } {
  try {
    const action = query.get('Action') ?? '';
    world.faults.onCall(action);
    if (action !== 'DescribeInstances')
      throw new AwsError('InvalidAction', 'The action is not valid for this web service.');
    const ids = [...query].filter(([name]) => name.startsWith('InstanceId.')).map(([, id]) => id);
    const stranger = ids.find((id) => id !== EC2_INSTANCE_ID);
    if (stranger !== undefined) {
      throw new AwsError('InvalidInstanceID.NotFound', 'The instance ID does not exist');
    }
    return { status: 200, xml: DESCRIPTION };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const body = `<Response><Errors><Error><Code>${error.type}</Code><Message>${error.message}</Message></Error></Errors></Response>`;
    return { status: error.status, xml: body };
  }
}

const DESCRIPTION = `<?xml version="1.0" encoding="UTF-8"?>
<DescribeInstancesResponse xmlns="${NAMESPACE}"><requestId>local</requestId><reservationSet><item>
<reservationId>r-local</reservationId><instancesSet><item><instanceId>${EC2_INSTANCE_ID}</instanceId>
<instanceState><code>16</code><name>running</name></instanceState><privateIpAddress>127.0.0.1</privateIpAddress>
</item></instancesSet></item></reservationSet></DescribeInstancesResponse>
`;
