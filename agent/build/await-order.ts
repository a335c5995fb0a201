import { closeSync, openSync, readFileSync } from 'node:fs';
import { BuildOrder } from '../../shared/protocol/build-order.ts';

/**
 * Waits for the order on stdin, and leaves stdin as a command without input has it. Returns null when the agent ended
 * without giving an order. Blocks: this process has nothing else to do.
 */
export function awaitOrder(): BuildOrder | null {
  const text = readFileSync(0, 'utf8');
  closeSync(0);
  // The kernel gives the lowest number that is free, and that is 0 again.
  if (openSync('/dev/null', 'r') !== 0) throw new Error('stdin could not be replaced');
  return text === '' ? null : BuildOrder.parse(JSON.parse(text));
}

/**
 * Makes this process, whose environment is `own`, one that was started with the order. Throws when the directory cannot
 * be entered.
 */
export function adoptOrder({ argv, cwd, environment }: BuildOrder, own: NodeJS.ProcessEnv): void {
  process.chdir(cwd);
  for (const name of Object.keys(own)) if (!Object.hasOwn(environment, name)) delete own[name];
  Object.assign(own, environment);
  // What `ps` shows. The command word only: the rest does not fit, and says where the repository is.
  process.title = ['wip-agent', 'build', ...argv.slice(0, 1)].join(' ');
}
