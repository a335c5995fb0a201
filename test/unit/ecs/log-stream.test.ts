import { expect, it } from 'vitest';
import { findLogStream } from '../../../controlplane/ecs/client/log-tail.ts';

const ARN = 'arn:aws:ecs:eu-west-1:123456789012:task/builds/0123456789abcdef0123456789abcdef';

function definition(logConfiguration?: object) {
  return { containerDefinitions: [{ name: 'build', image: 'i', logConfiguration }, { name: 'sidecar' }] };
}

it('is named by prefix, container and task', () => {
  const options = { 'awslogs-group': 'wip', 'awslogs-stream-prefix': 'builds', 'awslogs-region': 'us-east-1' };
  expect(findLogStream(definition({ logDriver: 'awslogs', options }), ARN)).toEqual({
    group: 'wip',
    stream: 'builds/build/0123456789abcdef0123456789abcdef',
    region: 'us-east-1',
  });
});

it.each([
  ['another driver', { logDriver: 'json-file' }],
  ['no group', { logDriver: 'awslogs', options: { 'awslogs-stream-prefix': 'builds' } }],
  ['no prefix', { logDriver: 'awslogs', options: { 'awslogs-group': 'wip' } }],
  ['no log configuration', undefined],
])('is not known with %s', (_what, logConfiguration) => {
  expect(findLogStream(definition(logConfiguration), ARN)).toBeNull();
});

it('is not known of what is no definition', () => {
  for (const odd of [null, 7, {}, { containerDefinitions: [] }]) expect(findLogStream(odd, ARN)).toBeNull();
});
