import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connect, parseTaskId, type ClientOptions } from './client-command.ts';

export function openCommand(context: CliContext): Command {
  return clientCommand('open', 'Open a task, or the list of tasks, in the dashboard. Its address is printed.', [
    'open 7',
    'open',
    'BROWSER=firefox wipctl open 7',
  ])
    .argument('[task]', 'number of the task')
    .option('--print', 'only print the address')
    .action(async (given: string | undefined, options: ClientOptions & { print?: boolean }) => {
      const client = connect(options, context);
      const base = client.url.replace(/\/+$/, '');
      // The task is read first, because a page about a task that does not exist helps nobody.
      const url = given === undefined ? `${base}/` : `${base}/tasks/${(await client.findTask(parseTaskId(given))).id}`;
      if (options.json) return writeJson(context, { url });
      context.out.write(`${url}\n`);
      const browser = options.print || !context.out.isTerminal ? undefined : browserOf(context.environment);
      if (browser !== undefined) await start(browser, url, context);
    });
}

/** Returns the program that opens addresses: that of BROWSER, or the desktop's opener when there is a desktop. */
function browserOf(environment: CliContext['environment']): string | undefined {
  if (environment['BROWSER']) return environment['BROWSER'];
  if (process.platform === 'darwin') return 'open';
  return environment['DISPLAY'] || environment['WAYLAND_DISPLAY'] ? 'xdg-open' : undefined;
}

async function start(browser: string, url: string, context: CliContext): Promise<void> {
  const child = spawn(browser, [url], { env: context.environment, stdio: 'ignore', detached: true });
  const failure = await new Promise<Error | null>((resolve) => {
    child.once('error', resolve);
    child.once('spawn', () => resolve(null));
  });
  // The browser goes on when this command has ended.
  child.unref();
  if (failure) context.err.write(`wipctl: warning: ${browser} could not be started: ${failure.message}.\n`);
}
