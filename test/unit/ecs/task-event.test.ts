import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseQueuedEvent } from '../../../controlplane/ecs/client/task-event.ts';

const ARN = 'arn:aws:ecs:eu-west-1:123456789012:task/builds/0123456789abcdef0123456789abcdef';
const EVENT = {
  version: '0',
  id: '9bcdac79-b31f-4d3d-9410-fbd727c29fab',
  'detail-type': 'ECS Task State Change',
  source: 'aws.ecs',
  account: '123456789012',
  time: '2026-11-28T20:00:00Z',
  region: 'eu-west-1',
  resources: [ARN],
  detail: { taskArn: ARN, clusterArn: 'arn:aws:ecs:eu-west-1:123456789012:cluster/builds', lastStatus: 'STOPPED' },
};

it('names the task of a state change', () => {
  expect(parseQueuedEvent(JSON.stringify(EVENT))).toEqual({ kind: 'task', arn: ARN });
});

it.each([
  ['of another service', { ...EVENT, source: 'aws.ec2' }],
  ['about a container instance', { ...EVENT, 'detail-type': 'ECS Container Instance State Change' }],
])('passes over an event %s', (_what, event) => {
  expect(parseQueuedEvent(JSON.stringify(event))).toEqual({ kind: 'foreign' });
});

it.each([
  '',
  'null',
  '[]',
  '{',
  '"text"',
  JSON.stringify({ ...EVENT, detail: null }),
  JSON.stringify({ ...EVENT, detail: { taskArn: 7 } }),
  JSON.stringify({ ...EVENT, detail: { taskArn: `arn:${'x'.repeat(600)}` } }),
])('takes %s for no event', (body) => {
  expect(parseQueuedEvent(body)).toEqual({ kind: 'malformed' });
});

it('never throws, whatever a queue holds', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      expect(['task', 'foreign', 'malformed']).toContain(parseQueuedEvent(body).kind);
    }),
  );
});
