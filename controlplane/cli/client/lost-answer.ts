/** A request that was sent. */
export type SentRequest = Pick<Request, 'method' | 'url'>;

/** How people can see whether a change was made, by the path of the request. The first match counts. */
const WHERE_TO_SEE: readonly (readonly [path: RegExp, how: string])[] = [
  [/^\/v1\/tasks\/(\d+)\//, 'see "wipctl show $1"'],
  [/^\/v1\/tasks\/pause$/, 'see "wipctl groups"'],
  [
    /^\/v1\/tasks$/,
    'see "wipctl tasks --limit 5". With --client-job-id the same command can be repeated without adding a second task',
  ],
  [/^\/v1\/groups\//, 'see "wipctl groups"'],
  [/^\/v1\/clusters\//, 'see "wipctl clusters list"'],
  [/^\/v1\/tokens/, 'see "wipctl tokens list". A token whose value was lost is of no use: revoke it'],
  [/^\/v1\/state\/maintenance$/, 'see "wipctl maintenance status"'],
  [/^\/v1\/state\/restored$/, 'see "wipctl ecs reconcile"'],
  [/^\/v1\/build-steps\/public-keys$/, 'see "wipctl secrets build-keys"'],
  [/^\/v1\/secrets\/rotate$/, 'see "wipctl secrets status"'],
];
/** Requests that change nothing although their method is not GET. */
const CHANGES_NOTHING: ReadonlySet<string> = new Set(['/v1/encrypt', '/v1/reconcile']);

/** Returns whether the request may have changed something even though its answer was lost. */
export function isChange({ method, url }: SentRequest): boolean {
  return method !== 'GET' && !CHANGES_NOTHING.has(new URL(url).pathname);
}

/** Returns what people can do after a request was sent and its answer did not arrive. */
export function remedyOfLost(request: SentRequest): string {
  if (!isChange(request)) return 'Try again; if it lasts, look at the server and at any proxy in between';
  const { pathname } = new URL(request.url);
  for (const [path, how] of WHERE_TO_SEE) {
    const [, id] = path.exec(pathname) ?? [null];
    if (path.test(pathname)) return mayBeDone(how.replace('$1', id ?? ''));
  }
  return mayBeDone('see "wipctl audit"');
}

function mayBeDone(how: string): string {
  return `What was asked for may have been done. Before you try again, ${how}`;
}
