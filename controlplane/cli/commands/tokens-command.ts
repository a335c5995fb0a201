import { Option, type Command } from 'commander';
import { OperationalError } from '../../../shared/model/error.ts';
import { Name } from '../../../shared/model/identifier.ts';
import { ROLES, type Role } from '../../api/http/authentication.ts';
import { TokenBody } from '../../api/tokens/token-body.ts';
import type { TokenView } from '../../api/tokens/token-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { commandGroup } from '../command-help.ts';
import { someNamesFor, textFor, wordFor } from '../given-value.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';
import type { Column } from '../output/fit-columns.ts';
import { oneLine } from '../output/text.ts';
import { writeTable } from '../output/write-table.ts';

interface CreateOptions extends ClientOptions {
  readonly role: Role;
  readonly groups?: string[];
}

const COLUMNS: readonly Column<TokenView>[] = [
  { head: 'TOKEN', cell: ({ id }) => String(id), importance: 6 },
  { head: 'ROLE', cell: ({ role }) => role, importance: 4 },
  { head: 'CREATED', cell: ({ createdAt }) => createdAt, importance: 1 },
  { head: 'REVOKED', cell: ({ revokedAt }) => revokedAt ?? '-', importance: 3 },
  { head: 'NAME', cell: ({ name }) => oneLine(name), importance: 5, leastWidth: 12 },
  { head: 'GROUPS', cell: ({ groups }) => oneLine(groups.join(',')) || '-', importance: 2, leastWidth: 12 },
];

export function tokensCommand(context: CliContext): Command {
  return commandGroup('tokens', 'Create, list and revoke tokens for the API.', [
    createCommand(context),
    listCommand(context),
    revokeCommand(context),
  ]);
}

function createCommand(context: CliContext): Command {
  return clientCommand(
    'create',
    'Create a token and print it, this once: the control plane keeps only its hash. Tasks belong to the name.',
    [
      'tokens create ann --role submitter',
      'tokens create ann --role submitter --groups nightly,release   # sees the tasks of these groups, too',
      'tokens create "the dashboard" --role viewer > token           # sees every task, changes none',
    ],
  )
    .argument(
      '<name>',
      'name of the holder; several tokens of one name see the same tasks',
      textFor(TokenBody.shape.name),
    )
    .addOption(
      new Option('--role <role>', 'what the token allows')
        .choices(ROLES)
        .argParser(wordFor(ROLES))
        .makeOptionMandatory(),
    )
    .option(
      '--groups <names>',
      'groups whose tasks a submitter sees beside its own, separated by commas',
      someNamesFor(Name),
    )
    .action(async (name: string, options: CreateOptions) => {
      if (options.role !== 'submitter' && options.groups !== undefined) throw groupsMeanNothing(options.role);
      const created = await connectOperator(options, context).createToken({
        name,
        role: options.role,
        ...(options.groups !== undefined && { groups: options.groups }),
      });
      if (options.json) return writeJson(context, created);
      // The token is alone on stdout, so that a script can read it from there.
      context.out.write(`${created.token}\n`);
      context.err.write(
        `Token ${created.id} for ${oneLine(name)} (${created.role}). It is not shown again; revoke it with "wipctl tokens revoke ${created.id}".\n`,
      );
    });
}

function groupsMeanNothing(role: Role): OperationalError {
  return new OperationalError('USAGE', {
    happened: `Groups were given to a token of the role ${role}, which sees every task`,
    remedy: 'Leave out --groups, or give --role submitter',
  });
}

function listCommand(context: CliContext): Command {
  return clientCommand('list', 'List the tokens that were created, without their values.', [
    'tokens list',
    "tokens list --json | jq '.tokens[] | select(.revokedAt == null)'",
  ]).action(async (options: ClientOptions) => {
    const tokens = await connectOperator(options, context).listTokens();
    if (options.json) return writeJson(context, { tokens });
    if (tokens.length === 0) return context.out.write('There are no tokens yet.\n');
    writeTable(context, tokens, COLUMNS);
  });
}

function revokeCommand(context: CliContext): Command {
  return clientCommand('revoke', 'Revoke a token, on every node at once.', ['tokens revoke 3'])
    .argument('<token>', 'number of the token; see "wipctl tokens list"')
    .action(async (given: string, options: ClientOptions) => {
      const token = await connectOperator(options, context).revokeToken(parseTokenId(given));
      if (options.json) return writeJson(context, token);
      context.out.write(`Token ${token.id} of ${oneLine(token.name)} is revoked.\n`);
    });
}

function parseTokenId(text: string): number {
  // 15 digits are exact as a number, and no installation makes so many tokens.
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text);
  throw new OperationalError('USAGE', {
    happened: 'The argument is not the number of a token', // not repeated: the text may be the token itself
    remedy: 'Give a whole number such as 3; "wipctl tokens list" shows them',
  });
}
