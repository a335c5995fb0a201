import type { Command } from 'commander';
import type { SecretsView } from '../../api/secrets/secret-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { commandGroup } from '../command-help.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { alignColumns, oneLine } from '../output/text.ts';
import { wrapWithin } from '../output/wrap-text.ts';
import { writeTable } from '../output/write-table.ts';

// Nodes look for their sealing key every ten seconds. A request every second costs little and shows progress.
const POLL_INTERVAL_MS = 1_000;

export function secretsCommand(context: CliContext): Command {
  return commandGroup('secrets', 'Rotate the keys that seal secrets, while nodes and builds go on.', [
    rotateCommand(context),
    statusCommand(context),
    rotateBuildKeyCommand(context),
    buildKeysCommand(context),
  ]);
}

function rotateCommand(context: CliContext): Command {
  return clientCommand(
    'rotate',
    'Seal every secret with the current master key of the nodes (WIP_MASTER_KEY). Until this command says that the old ' +
      'key can be removed, every node must have it (WIP_MASTER_KEYS_OLD). An interrupted rotation goes on when it is run again.',
    ['secrets rotate', 'secrets rotate --json | jq .isDone'],
  ).action(async (options: ClientOptions) => {
    const client = connectOperator(options, context);
    const abort = context.onInterrupt();
    // Each request may reach another node. The target is fixed at the beginning.
    const { target } = await client.readSecrets();
    let rewrapped = 0;
    let said = '';
    for (;;) {
      const answer = await client.rotateSecrets(target);
      rewrapped += answer.rewrapped;
      if (answer.isDone) return writeDone(context, options, answer, rewrapped);
      const waiting = `Waiting for ${answer.waitingFor.map(oneLine).join('; ')}.\n`;
      if (waiting !== said) context.err.write(waiting);
      said = waiting;
      await context.clock.sleep(POLL_INTERVAL_MS, abort);
      if (abort.aborted) return writeStopped(context, options, answer);
    }
  });
}

function writeDone(context: CliContext, options: ClientOptions, view: SecretsView, rewrapped: number): void {
  if (options.json) return writeJson(context, { ...view, rewrapped });
  const [of, values] = [view.target, view.keys.reduce((sum, key) => sum + key.values, 0)];
  context.out.write(
    `All ${values} sealed values are under the master key ${of}; ${rewrapped} were brought there now. ` +
      'Every other master key can be removed from the nodes: take it out of WIP_MASTER_KEYS_OLD and start them again, one by one.\n',
  );
}

function writeStopped(context: CliContext, options: ClientOptions, view: SecretsView): void {
  context.setExitCode(EXIT_CODE.INTERRUPTED);
  if (options.json) return writeJson(context, view);
  context.err.write('Not done yet: keep every master key, and run it again.\n');
}

function statusCommand(context: CliContext): Command {
  return clientCommand('status', 'Show how many values each master key seals, and which nodes have it.', [
    'secrets status',
    'secrets status --json',
  ]).action(async (options: ClientOptions) => {
    const view = await connectOperator(options, context).readSecrets();
    if (options.json) return writeJson(context, view);
    writeTable(context, view.keys, [
      { head: 'MASTER KEY', cell: ({ id }) => id, importance: 2 },
      { head: 'SEALS', cell: ({ id }) => (id === view.sealingWith ? 'yes' : 'no'), importance: 1 },
      { head: 'VALUES', cell: ({ values }) => String(values), importance: 1 },
    ]);
    context.out.write('\n');
    // Each key gets a line of its own: all keys of a node on one line would be wider than a terminal.
    writeTable(context, view.nodes.flatMap(keysOf), [
      { head: 'NODE', cell: ({ node }) => oneLine(node), importance: 2, leastWidth: 12 },
      { head: 'HAS', cell: ({ key }) => key ?? '-', importance: 2 },
      { head: 'SEALS WITH IT', cell: ({ isSealing }) => (isSealing ? 'yes' : 'no'), importance: 1 },
    ]);
    const rest = view.isDone
      ? 'Every other master key can be removed.'
      : `Missing: ${view.waitingFor.map(oneLine).join('; ')}.`;
    context.out.write(`\n${wrapWithin(rest, context.out.columns, 0)}\n`);
  });
}

interface KeyOfNode {
  readonly node: string;
  /** Null: the node has not said which keys it has. */
  readonly key: string | null;
  readonly isSealing: boolean;
}

function keysOf({ name, masterKeys, sealingWith }: SecretsView['nodes'][number]): KeyOfNode[] {
  if (masterKeys === null) return [{ node: name, key: null, isSealing: false }];
  return masterKeys.map((key) => ({ node: name, key, isSealing: key === sealingWith }));
}

function rotateBuildKeyCommand(context: CliContext): Command {
  return clientCommand(
    'rotate-build-key',
    'Make a new key for "secure:" values of build files. It seals from now on; what older keys sealed goes on opening.',
    ['secrets rotate-build-key'],
  ).action(async (options: ClientOptions) => {
    const view = await connectOperator(options, context).rotateBuildKey();
    if (options.json) return writeJson(context, view);
    const [newest] = view.keys;
    context.out.write(
      `Values are sealed with the key ${newest?.kid} from now on; ${view.keys.length} keys open them.\n`,
    );
  });
}

function buildKeysCommand(context: CliContext): Command {
  return clientCommand(
    'build-keys',
    'List the keys for "secure:" values, as the "kid" of a value names them. With --json: a JSON Web Key Set, for those who seal ' +
      'on their own machine.',
    ['secrets build-keys', 'secrets build-keys --json'],
  ).action(async (options: ClientOptions) => {
    const view = await connectOperator(options, context).readBuildKeys();
    if (options.json) return writeJson(context, view);
    const rows = view.keys.map(({ kid, createdAt }, index) => [kid, index === 0 ? 'yes' : 'no', createdAt ?? '-']);
    context.out.write(alignColumns([['BUILD KEY', 'SEALS', 'CREATED'], ...rows], context.out.columns));
  });
}
