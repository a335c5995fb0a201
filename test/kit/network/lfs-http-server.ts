import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { serveGit, type GitHttpServer } from './git-http-server.ts';

const MEDIA_TYPE = 'application/vnd.git-lfs+json';
const DOWNLOADS = '/info/lfs/files/';

export interface LfsHttpServer extends GitHttpServer {
  /** Adds a file and returns its name, the SHA-256 of its content. */
  add(content: string): string;
  /** The status of each following batch (`batch`) or download (`object`), with a page of HTML. */
  failWith(what: 'batch' | 'object', status: number): void;
}

interface Batch {
  readonly objects: readonly { readonly oid: string; readonly size: number }[];
}

/**
 * Serves repositories like serveGit, each with the files of Git LFS beside it: the batch API at `<repository>/info/lfs`, and
 * downloads at the address that it answers. `password`: only `user:<password>` may read a repository and ask for its files.
 */
export async function serveGitWithLargeFiles(root: string, password?: string): Promise<LfsHttpServer> {
  const files = new Map<string, string>();
  const failures = new Map<'batch' | 'object', number>();
  const wanted = password === undefined ? undefined : `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;
  // The address of a download is a secret of its own, as the signed ones of real servers are.
  const refuse = ({ headers, url }: IncomingMessage): number | undefined =>
    wanted === undefined || headers.authorization === wanted || url?.startsWith(DOWNLOADS) ? undefined : 401;

  async function answerLfs(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', server.url);
    const kind = pathname.endsWith('/objects/batch') ? 'batch' : 'object';
    const body = await text(request);
    const status = failures.get(kind);
    if (status !== undefined) return void response.writeHead(status, { 'content-type': 'text/html' }).end('<html>');
    if (kind === 'batch') {
      const { objects } = JSON.parse(body) as Batch;
      response.writeHead(200, { 'content-type': MEDIA_TYPE });
      return void response.end(JSON.stringify({ transfer: 'basic', objects: objects.map(describeObject) }));
    }
    const content = files.get(pathname.split('/').at(-1) ?? '');
    response.writeHead(content === undefined ? 404 : 200).end(content);
  }

  const describeObject = ({ oid, size }: Batch['objects'][number]): object =>
    files.has(oid)
      ? { oid, size, authenticated: true, actions: { download: { href: `${server.url}${DOWNLOADS}${oid}` } } }
      : { oid, size, error: { code: 404, message: 'Object does not exist' } };

  const server = await serveGit(root, refuse, (request, response) => {
    if (!request.url?.includes('/info/lfs/')) return false;
    void answerLfs(request, response);
    return true;
  });
  return {
    ...server,
    add(content) {
      const oid = createHash('sha256').update(content).digest('hex');
      files.set(oid, content);
      return oid;
    },
    failWith: (what, status) => void failures.set(what, status),
  };
}
