import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The rooms that may open connections, each with the peers. */
const MAY_CONNECT: Readonly<Record<string, string>> = {
  'controlplane/ssh/': 'a container, at the address that ECS reports',
  'controlplane/ecs/': 'ECS and EC2',
  'controlplane/store/': 'the database',
  'controlplane/postgres/': 'the embedded database that it runs itself, on loopback',
  'controlplane/outbox/': 'the receiver of a request that a task gives to be delivered, where outgoing_hosts allows it',
  'controlplane/api/doctor/cluster-checks.ts': 'this very installation',
};
/**
 * Matches the functions of Node and of libraries that open a connection, but not types, listeners and address parsers.
 */
const CONNECTS =
  /import \{[^}]*(?<!type )\b(request|get|connect|createConnection|createSocket)\b[^}]*\} from '(node:)?(http|https|http2|net|tls|dgram)'|from '(pg|undici|ssh2)'|\bfetch\(|new (ECSClient|EC2Client)\(/;

/** Returns the sources of a node in production, without command line, local ECS and what runs in browsers. */
function sourcesOfNode(): string[] {
  return ['controlplane', 'shared']
    .flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((name) => join(room, name)),
    )
    .filter((name) => name.endsWith('.ts') && !/^controlplane\/(cli|localecs|dashboard)\//.test(name));
}

it('a node opens connections in these places only', () => {
  const connecting = sourcesOfNode().filter((name) => CONNECTS.test(readFileSync(join(root, name), 'utf8')));
  expect(connecting.length).toBeGreaterThan(3);
  expect(connecting.filter((name) => !Object.keys(MAY_CONNECT).some((place) => name.startsWith(place)))).toEqual([]);
});

it('of the shipped kinds of task only builds have anything delivered, to the addresses they name', () => {
  const delivering = sourcesOfNode().filter(
    (name) =>
      name.startsWith('controlplane/tasks/') && /context\.deliver\(/.test(readFileSync(join(root, name), 'utf8')),
  );
  expect(delivering).toEqual(['controlplane/tasks/pipeline/abstract-pipeline-wip.ts']);
  const receivers = SHIPPED_KINDS.flatMap(({ kind, options }) =>
    (options.receivers ?? []).map((name) => `${kind} ${name}`),
  );
  expect(receivers).toEqual(['BuildSteps pipelineEndpoint', 'BuildSteps commitStatusEndpoint']);
});
