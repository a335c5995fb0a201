import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readDocument, ROOT } from '../docs/documents.ts';

const POLICIES = 'docker/aws/iam';

const oneOrMore = z.union([z.string().transform((text) => [text]), z.array(z.string())]);

const Policy = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z.string().regex(/^[A-Za-z]+$/),
      Effect: z.literal('Allow'),
      Action: oneOrMore,
      Resource: oneOrMore,
      Condition: z.record(z.string(), z.record(z.string(), z.string())).optional(),
    }),
  ),
});
export type Statement = z.infer<typeof Policy>['Statement'][number];

export function policyNames(): string[] {
  return readdirSync(join(ROOT, POLICIES)).filter((name) => name.endsWith('.json'));
}

export function readStatements(name: string): Statement[] {
  return Policy.parse(JSON.parse(readDocument(`${POLICIES}/${name}`))).Statement;
}

export function actionsOf(name: string): string[] {
  return readStatements(name).flatMap(({ Action }) => Action);
}
