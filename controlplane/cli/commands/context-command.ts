import { resolve } from 'node:path';
import { Command } from 'commander';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { readGivenText } from '../given-path.ts';
import { findConnection, type Connection } from '../client/find-connection.ts';
import {
  contextNamed,
  ContextName,
  readContexts,
  writeContexts,
  type SavedContexts,
} from '../client/saved-contexts.ts';
import { whyNoServerAddress, whyNoToken } from '../client/server-address.ts';
import { commandGroup, examplesText } from '../command-help.ts';
import { writeTable } from '../output/write-table.ts';

interface AddOptions {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly use?: boolean;
}

const DESCRIPTION =
  'Keep the addresses and tokens of several control planes under names. A command calls the one that --server or ' +
  '--context names, else WIP_SERVER, else WIP_CONTEXT, else the "wipctl dev" of this directory, else the current context. ' +
  '"wipctl version" says which.';

export function contextCommand(context: CliContext): Command {
  return commandGroup('context', DESCRIPTION, [
    listCommand(context),
    addCommand(context),
    useCommand(context),
    removeCommand(context),
  ]);
}

function listCommand(context: CliContext): Command {
  return new Command('list')
    .description('List the saved contexts, without their tokens.')
    .option('--json', 'print JSON for programs')
    .addHelpText('after', examplesText(['context list', 'context list --json | jq -r .current']))
    .action(({ json }: { json?: boolean }) => {
      const { current, contexts } = readContexts(context.environment);
      const rows = Object.entries(contexts).map(([name, { server }]) => ({
        name,
        server,
        isCurrent: name === current,
      }));
      if (json) return writeJson(context, { current, contexts: rows.map(({ name, server }) => ({ name, server })) });
      if (rows.length === 0)
        return context.out.write('There are no contexts yet: make one with "wipctl context add".\n');
      writeTable(context, rows, [
        { head: 'CONTEXT', cell: ({ name }) => name, importance: 3 },
        { head: 'CURRENT', cell: ({ isCurrent }) => (isCurrent ? 'yes' : '-'), importance: 2 },
        { head: 'SERVER', cell: ({ server }) => server, importance: 1, leastWidth: 20 },
      ]);
    });
}

function addCommand(context: CliContext): Command {
  return new Command('add')
    .description(
      'Save an address and a token under a name, or replace them. The first context becomes the current one. The file ' +
        'can be read by its owner only.',
    )
    .argument('<name>', 'name of the context')
    .option('--server <url>', 'address of the control plane (or WIP_SERVER)')
    .option('--token-file <file>', 'file with the token; - reads it from standard input (default: WIP_TOKEN)')
    .option('--use', 'make it the current context')
    .addHelpText(
      'after',
      examplesText([
        'context add ci --server https://wip.example.org --token-file token',
        'context add local --server http://127.0.0.1:8090 --token-file .wip/token --use',
      ]),
    )
    .action(async (name: string, options: AddOptions) => {
      const saved = { server: serverOf(name, options, context), token: await tokenOf(options, context) };
      const { current, contexts } = readContexts(context.environment);
      const isNew = !Object.hasOwn(contexts, name);
      const isCurrent = options.use === true || current === null || current === name;
      writeContexts(context.environment, {
        current: isCurrent ? name : current,
        contexts: { ...contexts, [name]: saved },
      });
      const use = isCurrent
        ? 'It is the current context'
        : `Use it with "wipctl context use ${name}" or --context ${name}`;
      context.out.write(`The context "${name}" was ${isNew ? 'added' : 'replaced'}. ${use}.\n`);
      sayWhatIsUsed(context);
    });
}

function useCommand(context: CliContext): Command {
  return new Command('use')
    .description('Make a context the current one: that of commands which name no other server.')
    .argument('[name]', 'name of the context')
    .option('--none', 'have no current context')
    .addHelpText('after', examplesText(['context use ci', 'context use --none']))
    .action((name: string | undefined, { none }: { none?: boolean }) => {
      if ((name === undefined) !== (none === true)) throw unclearUse();
      const saved = readContexts(context.environment);
      if (name !== undefined) contextNamed(name, saved);
      writeContexts(context.environment, { ...saved, current: name ?? null });
      context.out.write(
        name === undefined ? 'There is no current context now.\n' : `The current context is "${name}".\n`,
      );
      if (name !== undefined) sayWhatIsUsed(context);
    });
}

function removeCommand(context: CliContext): Command {
  return new Command('remove')
    .description('Forget a context. Its token stays valid until it is revoked.')
    .argument('<name>', 'name of the context')
    .addHelpText('after', examplesText(['context remove ci']))
    .action((name: string) => {
      const saved = readContexts(context.environment);
      contextNamed(name, saved);
      const { [name]: _removed, ...contexts } = saved.contexts;
      const left: SavedContexts = { current: saved.current === name ? null : saved.current, contexts };
      writeContexts(context.environment, left);
      context.out.write(`The context "${name}" was removed.\n`);
      if (saved.current === name) context.err.write('It was the current one: there is none now.\n');
    });
}

function serverOf(name: string, { server }: AddOptions, { environment }: CliContext): string {
  if (!ContextName.safeParse(name).success) {
    throw new OperationalError('USAGE', {
      happened: `"${name}" is not a name for a context`,
      remedy: 'Use up to 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit',
    });
  }
  const url = (server ?? environment['WIP_SERVER'])?.trim();
  const why = url ? whyNoServerAddress(url) : 'The address of the server is missing';
  if (url && why === null) return url.replace(/\/+$/, '');
  throw new OperationalError('USAGE', {
    happened: why ?? 'The address of the server is missing',
    remedy: 'Give --server with one such as https://wip.example.org',
  });
}

async function tokenOf({ tokenFile }: AddOptions, context: CliContext): Promise<string> {
  const token = tokenFile === undefined ? context.environment['WIP_TOKEN'] : await readTokenFile(tokenFile, context);
  const why = token?.trim() ? whyNoToken(token.trim()) : null;
  if (token?.trim() && why === null) return token.trim();
  if (why !== null) {
    const remedy = 'Give it as "wipctl tokens create" printed it, and nothing else';
    throw new OperationalError('USAGE', { happened: `The token ${why}`, remedy });
  }
  throw new OperationalError('USAGE', {
    happened: tokenFile === undefined ? 'The token is missing' : `There is no token in ${tokenFile}`,
    remedy: 'Give --token-file with a file that holds it, or set WIP_TOKEN',
  });
}

async function readTokenFile(file: string, context: CliContext): Promise<string> {
  if (file === '-') return context.readInput();
  try {
    return readGivenText(resolve(context.cwd, file));
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `${file} cannot be read: ${messageOf(cause)}`,
      remedy: 'Give --token-file with a file that holds the token, or - for standard input',
      cause,
    });
  }
}

function unclearUse(): OperationalError {
  return new OperationalError('USAGE', {
    happened: 'Either the name of a context or --none is needed',
    remedy: 'See the names with "wipctl context list"',
  });
}

/** Warns when a variable or a running "wipctl dev" takes precedence over the current context. */
function sayWhatIsUsed(context: CliContext): void {
  const { current } = readContexts(context.environment);
  const used = usedHere(context);
  if (used === null || used.contextName === current) return;
  context.err.write(`Commands in this directory still go to ${used.url}: ${used.from ?? 'it'} takes precedence.\n`);
}

function usedHere(context: CliContext): Connection | null {
  try {
    return findConnection({}, context);
  } catch {
    return null; // The next command that needs a server will report the error.
  }
}
