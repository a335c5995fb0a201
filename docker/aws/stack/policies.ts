import { readFileSync } from 'node:fs';
import { aws_iam as iam, Fn } from 'aws-cdk-lib';

/** Reads a policy of docker/aws/iam, and fills its `${…}` in when the stack is made. */
export function readPolicy(name: string, values: Readonly<Record<string, string>>): iam.PolicyDocument {
  const text = readFileSync(new URL(`../iam/${name}.json`, import.meta.url), 'utf8');
  return iam.PolicyDocument.fromJson(filledIn(JSON.parse(text), values));
}

function filledIn(value: unknown, values: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return fillText(value, values);
  if (Array.isArray(value)) return value.map((each) => filledIn(each, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filledIn(each, values)]));
}

function fillText(text: string, values: Readonly<Record<string, string>>): string {
  const names = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
  if (!text.includes('${')) return text;
  const used = Object.fromEntries(names.map((name) => [name, valueOf(name, values)]));
  return names.length === 0 ? Fn.sub(text) : Fn.sub(text, used);
}

function valueOf(name: string, values: Readonly<Record<string, string>>): string {
  const value = values[name];
  if (value === undefined) throw new Error(`the policy names \${${name}}, which the stack does not give`);
  return value;
}
