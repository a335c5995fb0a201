import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

// A registry as a process of its own, since it runs in the network of an engine. It speaks as much of the protocol
// (github.com/distribution, "HTTP API V2") as a pull needs, and prints its port. Of its repositories one is there, one is
// not, one is closed, and one has had too many pulls.

const layer = Buffer.alloc(10_240); // an archive of nothing: two blocks of zeros, padded
const packed = gzipSync(layer);
const config = Buffer.from(
  JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['/nothing'] },
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    history: [{ created_by: 'wip' }],
  }),
);
const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      size: config.length,
      digest: digestOf(config),
    },
    layers: [
      {
        mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
        size: packed.length,
        digest: digestOf(packed),
      },
    ],
  }),
);
const BLOBS = new Map([config, packed].map((blob) => [digestOf(blob), blob]));
const REFUSALS: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  private: [401, 'UNAUTHORIZED', 'authentication required'],
  limited: [429, 'TOOMANYREQUESTS', 'Rate exceeded'],
};

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

const server = createServer((request, response) => {
  const [, name = '', kind = '', reference = ''] =
    /^\/v2\/([a-z]+)\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? [];
  if (request.url === '/v2/') return void response.end('{}');
  const blob = kind === 'blobs' ? BLOBS.get(reference) : undefined;
  if (blob) return void response.end(blob);
  if (name === 'there' && kind === 'manifests') {
    response.writeHead(200, {
      'content-type': MANIFEST_TYPE,
      'content-length': manifest.length,
      'docker-content-digest': digestOf(manifest),
    });
    return void response.end(request.method === 'HEAD' ? undefined : manifest);
  }
  const [status, code, message] = REFUSALS[name] ?? [404, 'MANIFEST_UNKNOWN', 'manifest unknown'];
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ code, message }] }));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.once('SIGTERM', () => server.close());
