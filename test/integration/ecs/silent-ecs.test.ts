import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs';
import { expect, it, onTestFinished } from 'vitest';
import { classifyEcsError } from '../../../controlplane/ecs/client/classify-ecs-error.ts';
import { sdkOptions } from '../../../controlplane/ecs/client/sdk-options.ts';

it('an ECS that accepts a connection and never answers is given up after the time of a request, and counts as away', async () => {
  const silent = createServer(() => undefined);
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const cluster = { name: 'slow', region: 'local', endpoint: `http://127.0.0.1:${port}`, cluster: 'default' };
  const credentials = { accessKeyId: 'A', secretAccessKey: 's' };
  const parts = { cluster: cluster as never, credentials, proxy: { url: null, except: '' } };
  const options = sdkOptions('ecs', parts);
  // The time alone is another one than a node's.
  const client = new ECSClient({ ...options, requestHandler: { ...options.requestHandler, requestTimeout: 100 } });
  onTestFinished(() => client.destroy());
  const error = await client.send(new ListClustersCommand({})).catch((thrown: unknown) => thrown);
  expect(classifyEcsError(error)).toBe('unavailable');
});
