import { expect, it } from 'vitest';
import { asClause } from '../../../controlplane/tasks/container/as-clause.ts';

it.each([
  ['The cluster has no room (RESOURCE:MEMORY).', 'the cluster has no room (RESOURCE:MEMORY)'],
  ['ECS gave no usable answer', 'ECS gave no usable answer'],
  ['A value is damaged', 'a value is damaged'],
  ['StopTask failed', 'StopTask failed'],
  ['  nothing yet ', 'nothing yet'],
  ['', ''],
])('%j reads on as %j', (sentence, clause) => {
  expect(asClause(sentence)).toBe(clause);
});
