/**
 * Arguments of bash for a script of this tool. A bash with `-c` whose input is a socket, as Node makes them, takes itself for
 * one that rshd has started, and would first run what its user has in ~/.bashrc.
 */
export function ownBash(script: string, ...parameters: readonly string[]): string[] {
  return ['--norc', '-c', script, ...parameters];
}
