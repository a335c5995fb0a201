import type { Command } from 'commander';
import type { SecretsView } from '../../api/secrets/secret-views.ts';
import type { CliWorld } from '../cli-context.ts';
import { clientCommand, commandGroup, connectOperator, writeJson, type ClientOptions } from './client-command.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { alignColumns, oneLine } from '../output/text.ts';

// Nodes look for the key they seal with every ten seconds: a look in between costs nothing and shows progress.
const LOOK_MS = 1_000;

export function secretsCommand(world: CliWorld): Command {
  return commandGroup('secrets', 'Change the master key that seals every secret, while nodes and builds go on.', [
    rotateCommand(world),
    statusCommand(world),
  ]);
}

function rotateCommand(world: CliWorld): Command {
  return clientCommand(
    'rotate',
    'Bring everything that is sealed under the master key of the nodes (WIP_MASTER_KEY). Every node must have the old one, ' +
      'too (WIP_MASTER_KEYS_OLD), until this says that it can be removed. Ended at any point it goes on when it is run again.',
    ['secrets rotate', 'secrets rotate --json | jq .isDone'],
  ).action(async (options: ClientOptions) => {
    const client = connectOperator(options, world);
    const interrupt = world.onInterrupt();
    // Another node may answer the next request; the key stays the one that was begun with.
    const { target } = await client.readSecrets();
    let rewrapped = 0;
    let said = '';
    for (;;) {
      const answer = await client.rotateSecrets(target);
      rewrapped += answer.rewrapped;
      if (answer.isDone) return writeDone(world, options, answer, rewrapped);
      const waiting = `Waiting for ${answer.waitingFor.map(oneLine).join('; ')}.\n`;
      if (waiting !== said) world.err.write(waiting);
      said = waiting;
      await world.clock.sleep(LOOK_MS, interrupt);
      if (interrupt.aborted) return writeStopped(world, options, answer);
    }
  });
}

function writeDone(world: CliWorld, options: ClientOptions, view: SecretsView, rewrapped: number): void {
  if (options.json) return writeJson(world, { ...view, rewrapped });
  const [of, values] = [view.target, view.keys.reduce((sum, key) => sum + key.values, 0)];
  world.out.write(
    `All ${values} sealed values are under the master key ${of}; ${rewrapped} were brought there now. ` +
      'Every other master key can be removed from the nodes: take it out of WIP_MASTER_KEYS_OLD and start them again, one by one.\n',
  );
}

function writeStopped(world: CliWorld, options: ClientOptions, view: SecretsView): void {
  world.setExitCode(EXIT_CODE.INTERRUPTED);
  if (options.json) return writeJson(world, view);
  world.err.write('Not done yet: keep every master key, and run it again.\n');
}

function statusCommand(world: CliWorld): Command {
  return clientCommand('status', 'Say which master keys seal what, and which nodes have them.', [
    'secrets status',
    'secrets status --json',
  ]).action(async (options: ClientOptions) => {
    const view = await connectOperator(options, world).readSecrets();
    if (options.json) return writeJson(world, view);
    const keys = view.keys.map(({ id, values }) => [id, id === view.sealingWith ? 'yes' : 'no', String(values)]);
    world.out.write(alignColumns([['MASTER KEY', 'SEALS', 'VALUES'], ...keys], world.out.columns));
    const nodes = view.nodes.map(({ name, masterKeys, sealingWith }) => [
      oneLine(name),
      sealingWith ?? '-',
      masterKeys?.join(' ') ?? '-',
    ]);
    world.out.write(`\n${alignColumns([['NODE', 'SEALS WITH', 'HAS'], ...nodes], world.out.columns)}`);
    const rest = view.isDone
      ? 'Every other master key can be removed.'
      : `Missing: ${view.waitingFor.map(oneLine).join('; ')}.`;
    world.out.write(`\n${rest}\n`);
  });
}
