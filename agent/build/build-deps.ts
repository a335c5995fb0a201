import type { BuildGuard } from './build-guard.ts';
import type { Clock } from '../../shared/time/clock.ts';

export type CallerEnvironment = Readonly<Record<string, string | undefined>>;

/** Dependencies of a build, handed in by main.ts, so that nothing here reads the process it runs in. */
export interface BuildDeps {
  readonly environment: CallerEnvironment;
  readonly cwd: string;
  /**
   * Takes bytes too: what a step writes passes through as it is, whatever its encoding. A promise that it returns
   * holds up the step until it is fulfilled, so that a slow reader costs no memory.
   */
  readonly stdout: (text: string | Uint8Array) => unknown;
  readonly stderr: (text: string | Uint8Array) => unknown;
  readonly clock: Clock;
  /** [0, 1), so that builds that wait for one server do not come back together. */
  readonly random: () => number;
  /** The addresses of a host, as the programs of this machine find them. */
  readonly lookupHost: (host: string) => Promise<readonly string[]>;
  /** How many processes of the container the kernel has killed for memory; null when that is unknown. */
  readonly oomKills: () => number | null;
  /** Aborts at SIGTERM, SIGINT and SIGHUP. */
  readonly abort: AbortSignal;
  /** Reads standard input from the first call on, and aborts the returned signal at its end. */
  readonly inputEnd: () => AbortSignal;
  /** Ends what this tool has started when the tool is killed; there is one as long as there is a private directory. */
  readonly guard?: BuildGuard;
}

/** Where none of them is set, programs take every text for ASCII; the agent gives C.UTF-8 then, and so does this tool. */
const LOCALE_NAMES: readonly string[] = ['LC_ALL', 'LC_CTYPE', 'LANG'];

/**
 * Returns the variables that children may see. Names beginning with WIP_ are between the control plane, the agent and
 * this tool. Only WIP_PROCESS passes: the agent finds the processes of a build by it, also those that left their session.
 */
export function environmentForChildren(environment: CallerEnvironment): Record<string, string> {
  const names = Object.keys(environment).filter((name) => !name.startsWith('WIP_') || name === 'WIP_PROCESS');
  const hasLocale = LOCALE_NAMES.some((name) => environment[name]);
  const forChildren: Record<string, string> = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...(hasLocale ? {} : { LANG: 'C.UTF-8' }),
  };
  for (const name of names) {
    const value = environment[name];
    if (value !== undefined && !(LOCALE_NAMES.includes(name) && value === '')) forChildren[name] = value;
  }
  return forChildren;
}
