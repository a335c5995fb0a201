import type { StartedWip, StartWipOptions } from './started-wip.ts';

/** Starts a whole Wip system: database, local ECS, nodes, and agents. It leaves nothing on the machine. */
export async function startWip(options: StartWipOptions = {}): Promise<StartedWip> {
  // Loaded here only: a test of a class by value needs no server.
  const { startSystem } = await import('./system/start-system.ts');
  return startSystem(options);
}
