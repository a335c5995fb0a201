import type { Argument, Command, Option } from 'commander';
import { expect, it } from 'vitest';
import { loadCommands } from '../../../controlplane/cli/command-table.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';

/** Nothing listens there: a command that asks before it looks at its options ends with 69. */
const NOWHERE = 'http://127.0.0.1:9';
const LONG = 'x'.repeat(600);
const TASKS = ['', 'x', '0', '1.5', '99999999999999999999'];
const CLUSTERS = ['a b', 'x'.repeat(65)];
const TIMES = ['', 'yesterday', '2026-13-01', '5 days', '2026-11-28 12:00'];
const COUNTS = ['', 'many', '0', '-1', '1.5'];
const NAMES = ['', 'a\nb', '__proto__', LONG];

/** What the client can tell to be wrong, by option and argument. */
const WRONG: Readonly<Record<string, readonly string[]>> = {
  'dev --port': ['x', '70000'],
  'dev --launcher': ['', 'podman'],
  'dev --log-level': ['', 'loud'],
  'run --branch': ['', 'a b', '-x', 'a..b'],
  'run --event': ['', 'nonsense', 'fail-on-build'],
  'run --deploy-uri': [''],
  'run --deploy-path': ['', 'a b'],
  'run --env': ['1=2'],
  'run --cpu': ['', 'x', '0', '1', '1 GiB'],
  'run --memory': ['', 'x', '0', '99999999'],
  'run --storage': ['', 'x', '5', '500'],
  'run --client-job-id': NAMES,
  'add --options': ['', '[]'],
  'add --option': ['', 'x', '=x'],
  'add --title': ['', LONG],
  'add --group': NAMES,
  'add --priority': ['', 'urgent', 'FIRST'],
  'add --client-job-id': NAMES,
  'add <kind>': NAMES,
  'tasks --limit': COUNTS,
  'tasks --status': ['', 'nonsense', 'WAITING,nonsense', 'WAITING,'],
  'tasks --exit': ['', 'nonsense'],
  'tasks --cause': NAMES,
  'tasks --fault': ['', 'nobody'],
  'tasks --group': NAMES,
  'tasks --submitter': ['', ' ', LONG],
  'tasks --repository': ['', ' '],
  'tasks --branch': ['', LONG],
  'tasks --commit': ['', 'zz', 'abc', 'main'],
  'tasks --text': ['', LONG],
  'tasks --since': TIMES,
  'tasks --until': TIMES,
  'tasks --priority': ['', 'urgent'],
  'tasks --parent': TASKS,
  'tasks --uuid': ['', '7'],
  'tasks --client-job-id': NAMES,
  'show <task>': TASKS,
  'logs --step': [''],
  'logs --since': TIMES,
  'logs --tail': ['', 'x', '-1'],
  'logs --stream': ['', 'stdin'],
  'logs <task>': TASKS,
  'transcript <task>': TASKS,
  'terminate <tasks>': TASKS,
  'wait --timeout': ['', '5', 'soon'],
  'wait <tasks>': TASKS,
  'open <task>': TASKS,
  'ssh --user': [''],
  'ssh <task>': TASKS,
  'pause --task': TASKS,
  'pause --group': NAMES,
  'pause <tasks>': TASKS,
  'resume --task': TASKS,
  'resume --group': NAMES,
  'resume <tasks>': TASKS,
  'prioritise <tasks>': TASKS,
  'restart <tasks>': TASKS,
  'groups --max': ['', 'many', '-1', '2000000'],
  'groups --retention-days': ['', 'x', '99999999'],
  'groups --clusters': [...CLUSTERS, 'a,a'],
  'groups <name>': NAMES,
  'maintenance on --reason': ['', ' ', LONG],
  'clusters show <name>': ['', ...CLUSTERS],
  'clusters save --region': ['', ' ', 'no t!'],
  'clusters save --cluster': ['', ' ', 'x y'],
  'clusters save --access-key-id': ['', ' '],
  'clusters save --role-arn': ['x', 'arn:aws:iam::1:role/x'],
  'clusters save --external-id': ['a b', 'x'],
  'clusters save --endpoint': ['x', 'a b', 'ftp://x'],
  'clusters save --ec2-endpoint': ['x', 'ftp://a'],
  'clusters save --sts-endpoint': ['x'],
  'clusters save --logs-endpoint': ['x'],
  'clusters save --proxy': ['x', 'http://ann:hunter2@proxy'],
  'clusters save --address': ['', 'both'],
  'clusters save --events-queue': ['x'],
  'clusters save --fall-back': [...CLUSTERS, 'a,a'],
  'clusters save <name>': ['', ...CLUSTERS],
  'clusters use <name>': ['', ...CLUSTERS],
  'clusters delete <name>': ['', ...CLUSTERS],
  'definitions list --family': ['', LONG],
  'definitions show <which>': [''],
  'definitions diff <which>': [''],
  'definitions diff <other>': [''],
  'config explain --kind': NAMES,
  'config explain --cluster': ['', ...CLUSTERS],
  'config explain <key>': ['nonsense'],
  'tokens create --role': ['', 'boss'],
  'tokens create --groups': ['', ',', 'a,a', 'a\nb'],
  'tokens create <name>': ['', ' a', 'a  b', 'é', LONG],
  'tokens revoke <token>': ['', 'x', '0'],
  'audit --actor': ['', LONG.repeat(2)],
  'audit --action': ['', 'nonsense'],
  'audit --subject': ['', 'nonsense', 'nonsense/7', 'task/'],
  'audit --since': TIMES,
  'audit --until': TIMES,
  'audit --limit': [...COUNTS, '501'],
  'audit --cursor': COUNTS,
  'ecs check <cluster>': ['', ...CLUSTERS],
  'ecs local --host': [''],
  'ecs local --port': ['', '70000'],
  'ecs local --launcher': ['', 'podman'],
  'ecs local --region': [''],
  'ecs local --instances': COUNTS,
  'ecs local --cpu': COUNTS,
  'ecs local --memory': COUNTS,
  'ecs local --seed': ['', 'x'],
  'ecs local --log-level': ['', 'loud'],
  'encrypt <value>': [''],
  'table lint --max-run-seconds': COUNTS,
  'table simulate --runs': COUNTS,
  'table simulate --seed': COUNTS,
  'context add <name>': ['', 'a b'],
  'context use <name>': ['nowhere'],
  'context remove <name>': ['nowhere'],
  'completion <shell>': ['', 'tcsh'],
};
/** Files, what only a server or another program knows, and what a build or a program of the user's own is given. */
const OPEN = new Set(
  `dev --data, dev --config, dev --docker-network, dev --kinds, serve --config, serve --kinds, run <repo|file>, ssh --identity,
  ssh <command>, clusters save --launch, clusters save --secret-file, clusters save --session-token-file, config explain --config,
  config check --config, config check --launch, config diff --config, db dump --data, db dump --config, db dump <file>,
  db restore --data, db restore --config, db restore <file>, ecs explain <file>, ecs local --dir, ecs local --docker-network,
  ecs local --cluster, ecs local --fault-schedule, ecs local --entrypoint, build --event, build --step, build --env,
  build <file>, lint --services, lint <file>, table lint <table>, table simulate --script, table simulate --recording,
  table simulate --from, table simulate <table>, table draw --output, table draw --recording, table draw --script,
  table draw <table>, context add --token-file`.split(/,\s+/),
);
/** Options of every command that calls a control plane. */
const CONNECTION: Readonly<Record<string, readonly string[]>> = {
  '--server': ['', 'x', 'ftp://x'],
  '--token': [''],
  '--context': ['', 'nowhere'],
};
/** What the commands need besides. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'tokens create': ['--role', 'submitter'],
  'context add': ['--server', NOWHERE],
  run: ['https://example.org/app.git'],
};

interface Value {
  readonly name: string;
  readonly path: readonly string[];
  readonly command: Command;
  readonly of: Option | Argument;
}

function valuesOf(command: Command, path: readonly string[]): Value[] {
  const taken = command.options.filter((one) => (one.required || one.optional) && !one.hidden);
  const own = [
    ...taken.map((of) => ({ name: [...path, of.long].join(' '), of })),
    ...command.registeredArguments.map((of) => ({ name: [...path, `<${of.name()}>`].join(' '), of })),
  ].map((one) => ({ ...one, path, command }));
  return [...own, ...command.commands.flatMap((child) => valuesOf(child, [...path, child.name()]))];
}

/** A command line in which one value is this one. */
function wordsWith({ path, command, of }: Value, value: string): string[] {
  const isOption = 'long' in of;
  const needed = NEEDED[path.join(' ')] ?? [];
  const given = command.registeredArguments
    .filter((one) => one === of || (one.required && !(one.name() === 'repo|file')) || isBefore(command, one, of))
    .map((one) => (one === of ? value : '7'));
  return [...path, ...needed, ...(isOption ? [`${of.long ?? ''}=${value}`] : []), '--', ...given];
}

function isBefore(command: Command, one: Argument, of: Option | Argument): boolean {
  const all: readonly unknown[] = command.registeredArguments;
  return all.includes(of) && all.indexOf(one) < all.indexOf(of);
}

function commandLine(): CommandLine {
  const cli = new CommandLine();
  cli.environment = { ...cli.environment, WIP_SERVER: NOWHERE, WIP_TOKEN: 'wip_x', XDG_CONFIG_HOME: '/nonexistent' };
  return cli;
}

async function allValues(): Promise<readonly Value[]> {
  const tree = await loadCommands(commandLine().contextFor(() => undefined));
  const { completionCommand } = await import('../../../controlplane/cli/completion/completion-command.ts');
  const completion = completionCommand(
    commandLine().contextFor(() => undefined),
    () => Promise.resolve(tree),
  );
  const known = tree.commands.filter((one) => one.name() !== 'completion');
  return [...known, completion].flatMap((one) => valuesOf(one, [one.name()]));
}

const isConnection = ({ of }: Value): boolean => 'long' in of && of.long !== undefined && of.long in CONNECTION;

it('every option and argument is either checked before a request, or known to be open', async () => {
  const names = (await allValues()).filter((value) => !isConnection(value)).map(({ name }) => name);
  expect(names.toSorted()).toEqual([...Object.keys(WRONG), ...OPEN].toSorted());
});

it('wipctl tasks --commit main ended with 4: a wrong value is wrong usage, and no server is asked', async () => {
  const cli = commandLine();
  const notRefused: string[] = [];
  for (const value of await allValues()) {
    const wrong = isConnection(value) && 'long' in value.of ? CONNECTION[value.of.long ?? ''] : WRONG[value.name];
    for (const given of wrong ?? []) {
      const { exitCode, out, err } = await cli.run(...wordsWith(value, given));
      // The client's own version is true whatever server is named.
      const printed = value.name.startsWith('version ') ? '' : out;
      if (exitCode !== 2 || printed !== '' || !/\[(USAGE|CONFIG_INVALID)\]\n$/.test(err))
        notRefused.push(`${wordsWith(value, given).join(' ').slice(0, 80)} → ${exitCode} ${err.slice(0, 200)}`);
    }
  }
  expect(notRefused).toEqual([]);
});

it('a password of a proxy that is refused is not repeated', async () => {
  const { err } = await commandLine().run('clusters', 'save', 'x', '--proxy', 'http://ann:hunter2@proxy');
  expect(err).not.toContain('hunter2');
});

it('what a wrong word might have meant, and what there is, stand in the refusal', async () => {
  expect((await commandLine().run('audit', '--action', 'terminat')).err).toMatch(
    /^wipctl: "terminat" is not a value of --action\. Perhaps terminate is meant\. Use one of create, revoke, .* See "wipctl audit --help"\. \[USAGE\]\n$/,
  );
  expect((await commandLine().run('run', '.', '--storage', '5')).err).toContain(
    '"5" is not a value of --storage. It must be at least 21. See',
  );
});
