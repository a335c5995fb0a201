import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { Integer } from '../input/request-fields.ts';

const MAX_RESULTS = 100;

/** The fields with which every List action of ECS pages through its results. */
export const PAGE_FIELDS = {
  maxResults: Integer.default(MAX_RESULTS),
  nextToken: z.string().optional(),
};

/** What is listed. A token counts for the list that it was given for, and for no other. */
interface Listed<T> {
  readonly action: string;
  /** What the list was filtered by, its cluster included. */
  readonly filter: readonly (string | null | undefined)[];
  /** Returns what an item is sorted by. No two items have the same. */
  readonly keyOf: (item: T) => string;
  readonly sort?: 'ASC' | 'DESC';
}

interface PageRequest {
  readonly maxResults: number;
  readonly nextToken?: string | undefined;
}

/**
 * Returns a page of the items, and the token of the next page when there is one. The token names the last item of its page,
 * so that items which come and go between two pages move no other one.
 */
export function pageOf<T>(
  items: readonly T[],
  { maxResults, nextToken }: PageRequest,
  listed: Listed<T>,
): { readonly items: readonly T[]; readonly rest: { readonly nextToken?: string } } {
  if (maxResults < 1 || maxResults > MAX_RESULTS) {
    const message = `maxResults is ${maxResults} and must be between 1 and ${MAX_RESULTS}.`;
    throw new AwsError('InvalidParameterException', message);
  }
  const { keyOf, sort = 'ASC' } = listed;
  const isBefore = (a: string, b: string): boolean => (sort === 'ASC' ? a < b : a > b);
  const last = nextToken === undefined ? null : keyIn(nextToken, nameOf(listed));
  const left = items
    .filter((item) => last === null || isBefore(last, keyOf(item)))
    .toSorted((a, b) => (isBefore(keyOf(a), keyOf(b)) ? -1 : 1));
  const page = left.slice(0, maxResults);
  const end = page.at(-1);
  const hasMore = left.length > page.length && end !== undefined;
  return { items: page, rest: hasMore ? { nextToken: tokenOf(keyOf(end), nameOf(listed)) } : {} };
}

/** Names the list without its filters being legible: a token says nothing to who reads it. */
function nameOf({ action, filter, sort }: Pick<Listed<never>, 'action' | 'filter' | 'sort'>): string {
  const parts = JSON.stringify([action, sort ?? null, ...filter.map((each) => each ?? null)]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 16);
}

function tokenOf(key: string, list: string): string {
  return Buffer.from(`${list}:${key}`).toString('base64url');
}

function keyIn(token: string, list: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (text.startsWith(`${list}:`)) return text.slice(list.length + 1);
  throw new AwsError('InvalidParameterException', 'Invalid token');
}
