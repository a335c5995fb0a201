import { AwsError } from './aws-error.ts';

/** Deeper than anything that ECS takes, and far from where printing it again would have no stack left. */
const MAX_DEPTH = 32;

/** Parses the body of a request. An empty body is an empty input, as in AWS. */
export function parseCallBody(text: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new AwsError('SerializationException', 'The request is not JSON.');
  }
  if (isDeeperThan(parsed, MAX_DEPTH))
    throw new AwsError('SerializationException', 'The request is nested too deeply.');
  return parsed;
}

/** A member that is null is one that was not given, as in AWS. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const given = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(given.map(([name, each]) => [name, withoutNulls(each)]));
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(each, levels - 1));
}
