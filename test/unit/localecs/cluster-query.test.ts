import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../controlplane/localecs/protocol/aws-error.ts';
import { parseClusterQuery, type QueriedInstance } from '../../../controlplane/localecs/placement/cluster-query.ts';

const INSTANCE: QueriedInstance = {
  agentConnected: true,
  ec2InstanceId: 'i-1',
  registeredAt: '2026-11-28T10:00:00.000Z',
  runningTasksCount: 3,
  attributes: new Map([
    ['ecs.instance-type', 't3.large'],
    ['stack', 'prod'],
    ['marked', ''],
  ]),
  taskGroups: new Set(['service:web', 'family:build']),
};

describe('an expression of the cluster query language', () => {
  it.each<[expression: string, fits: boolean]>([
    ['attribute:ecs.instance-type == t3.large', true],
    ['attribute:ecs.instance-type==t3.large', true],
    ['attribute:ecs.instance-type != t3.large', false],
    ['attribute:none != x', true],
    ['attribute:ecs.instance-type =~ t3.*', true],
    ['attribute:ecs.instance-type =~ t3', false],
    ['attribute:ecs.instance-type !~ (t2|t3).*', false],
    ['(attribute:ecs.instance-type =~ (t2|t3)\\.large)', true],
    ['attribute:stack in [dev, prod]', true],
    ['attribute:stack not_in [dev,prod]', false],
    ['attribute:stack !in [dev]', true],
    ['attribute:marked exists', true],
    ['attribute:none exists', false],
    ['attribute:none !exists', true],
    ['attribute:none not_exists and attribute:stack equals prod', true],
    ['task:group == service:web', true],
    ['not(task:group == service:web)', false],
    ['!(task:group == service:db)', true],
    ['agentConnected == true', true],
    ['ec2InstanceId in [i-1, i-2]', true],
    ['runningTasksCount > 2', true],
    ['runningTasksCount >= 10', false],
    ['runningTasksCount less_than 10', true],
    ['registeredAt >= 2026-11-28', true],
    ['registeredAt < 2026-11-28T09:59:59Z', false],
    ['agentVersion exists', false],
    ['attribute:stack == dev or attribute:stack == prod and runningTasksCount < 3', false],
    ['(attribute:stack == dev || attribute:stack == prod) && runningTasksCount == 3', true],
  ])('%s is %s', (expression, fits) => {
    expect(parseClusterQuery(expression)(INSTANCE)).toBe(fits);
  });

  it.each<[expression: string, what: string]>([
    ['', 'a subject is missing at its end'],
    ['(((', 'a subject is missing at its end'],
    ['attribute:stack', 'an operator is missing at its end'],
    ['attribute:stack is prod', '"is" is no operator'],
    ['colour == red', '"colour" is no subject'],
    ['constructor == red', '"constructor" is no subject'],
    ['attribute:stack == ', 'an argument is missing at its end'],
    ['attribute:stack == prod x', '"x" is not expected'],
    ['attribute:stack in prod', '"[" is missing'],
    ['attribute:stack in [prod', '"]" is missing at its end'],
    ['attribute:stack =~ (a+)+b', 'local ECS takes patterns with 3 repetitions at most, and none of a group'],
    ['attribute:stack =~ a*a*a*a*b', 'local ECS takes patterns with 3 repetitions at most, and none of a group'],
    ['attribute:stack =~ [', '"[" is no pattern'],
    ['attribute:stack == && ', '"&&" is no argument'],
    ['attribute:stack == prod & x', '"& x" is not expected'],
  ])('"%s" is refused: %s', (expression, what) => {
    expect(() => parseClusterQuery(expression, 'ClientException')).toThrow(
      expect.objectContaining({
        type: 'ClientException',
        message: `The expression "${expression}" is not valid: ${what}.`,
      }),
    );
  });

  it('has at most 2000 characters', () => {
    expect(() => parseClusterQuery('x'.repeat(2_001))).toThrow('expression longer than 2000.');
  });

  it('is a query or an error of ECS, whatever it is', () => {
    const word = fc.constantFrom(
      'attribute:a',
      'in',
      '==',
      '=~',
      '!',
      'not',
      '(',
      ')',
      '[',
      ']',
      ',',
      'and',
      '||',
      'x',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(' ')),
        ),
        (expression) => {
          try {
            parseClusterQuery(expression)(INSTANCE);
          } catch (error) {
            expect(error).toBeInstanceOf(AwsError);
          }
        },
      ),
    );
  });
});
