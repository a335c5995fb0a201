import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { useWorkplace, type Program, type Workplace } from './program.ts';

export const DEMO = 'config/demo.ts';

/** The agents' socket directories are outside of the workplace: a path there must be short (agent/config/agent-config.ts). */
export function watchSockets(place: Workplace): { left: () => string[]; stop: () => void } {
  const seen = new Set<string>();
  const look = (): void => {
    for (const path of findContainers(place)) {
      seen.add(`/tmp/wip-${createHash('sha256').update(path).digest('hex').slice(0, 8)}`);
    }
  };
  // One look takes tens of milliseconds, because a database has a thousand files.
  const timer = setInterval(look, 500);
  return { left: () => [...seen].filter((path) => existsSync(path)), stop: () => clearInterval(timer) };
}

function findContainers(place: Workplace): string[] {
  try {
    return readdirSync(place.directory, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('/container.log'))
      .map((path) => dirname(place.path(path)));
  } catch {
    return []; // The directory is being removed at this moment.
  }
}

/** Starts the demo and interrupts it once its output has `moment`. Fails if the demo leaves a process or a file. */
export async function interruptAt(moment: string | RegExp, interrupt: (program: Program) => void): Promise<void> {
  const place = useWorkplace();
  const sockets = watchSockets(place);
  const program = place.start(DEMO, ['--scenario', 'terminate']);
  await program.says(moment);
  interrupt(program);
  const { code, err } = await program.ended;
  sockets.stop();
  await place.becomesQuiet();
  expect([code, err.trim()]).toEqual([130, 'Ending the demo …']);
  expect(readdirSync(place.directory)).toEqual([]);
  expect(sockets.left()).toEqual([]);
}
