import type { Command } from 'commander';
import { z } from 'zod';
import { readVersion } from '../../version.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import type { Connection } from '../client/find-connection.ts';
import { createWipClient } from '../client/wip-client.ts';
import { alignColumns } from '../output/text.ts';
import { chooseServer, clientCommand, type ClientOptions } from './client-command.ts';

interface VersionOptions extends ClientOptions {
  readonly client?: boolean;
}

/** What `--json` prints. */
export const Versions = z.object({
  client: z.object({ version: z.string(), node: z.string(), platform: z.string() }),
  /** Null with --client. `from`: what named the server. */
  server: z
    .object({ url: z.string(), version: z.string(), from: z.string().nullable(), context: z.string().nullable() })
    .nullable(),
});
type Versions = z.infer<typeof Versions>;

export function versionCommand(context: CliContext): Command {
  return clientCommand('version', 'Show the versions of wipctl and of the control plane, and which one that is.', [
    'version',
    'version --client',
    'version --json | jq -r .server.version',
  ])
    .option('--client', 'ask no server')
    .action(async (options: VersionOptions) => {
      const client = {
        version: readVersion(),
        node: process.versions.node,
        platform: `${process.platform} ${process.arch}`,
      };
      if (!options.json) context.out.write(alignColumns([clientLine(client)], undefined));
      const connection = options.client ? undefined : chooseServer(options, context);
      const server = connection === undefined ? null : await askServer(connection);
      if (options.json) return writeJson(context, { client, server } satisfies Versions);
      if (server === null) return;
      context.out.write(alignColumns([serverLine(server)], undefined));
      if (server.version !== client.version) {
        context.err.write(
          'The versions differ: use the wipctl of the server, or newer fields and commands are missing.\n',
        );
      }
    });
}

async function askServer(connection: Connection): Promise<NonNullable<Versions['server']>> {
  const { version } = await createWipClient(connection).ping();
  const { url, from = null, contextName = null } = connection;
  return { url, version, from, context: contextName };
}

function clientLine({ version, node, platform }: Versions['client']): string[] {
  return ['wipctl', version, `Node ${node}, ${platform}`];
}

function serverLine({ version, url, from }: NonNullable<Versions['server']>): string[] {
  return ['server', version, from === null ? url : `${url}, named by ${from}`];
}
