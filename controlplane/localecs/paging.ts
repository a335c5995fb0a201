import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import { Integer } from './request-fields.ts';

const MAX_RESULTS = 100;

/** The fields with which every List action of ECS pages through its results. */
export const PAGE_FIELDS = {
  maxResults: Integer.default(MAX_RESULTS),
  nextToken: z.string().optional(),
};

/** Returns a page of the items, and the token of the next page when there is one. */
export function pageOf<T>(
  items: readonly T[],
  { maxResults, nextToken }: { readonly maxResults: number; readonly nextToken?: string | undefined },
): { readonly items: readonly T[]; readonly rest: { readonly nextToken?: string } } {
  if (maxResults < 1 || maxResults > MAX_RESULTS) {
    const message = `maxResults is ${maxResults} and must be between 1 and ${MAX_RESULTS}.`;
    throw new AwsError('InvalidParameterException', message);
  }
  const from = nextToken === undefined ? 0 : positionIn(nextToken, items.length);
  const to = from + maxResults;
  return { items: items.slice(from, to), rest: to < items.length ? { nextToken: tokenOf(to) } : {} };
}

function tokenOf(position: number): string {
  return Buffer.from(`from:${position}`).toString('base64url');
}

/** Items may have gone since the token was given, so a position beyond the last one is an empty page. */
function positionIn(token: string, length: number): number {
  const position = /^from:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (position === undefined) throw new AwsError('InvalidParameterException', 'Invalid token');
  return Math.min(Number(position), length);
}
