import type { Launcher } from '../../controlplane/localecs/launcher.ts';

/** Launches containers that consist of their state alone: they run until they are stopped. */
export const BARE_LAUNCHER: Launcher = {
  start() {
    const { promise: ended, resolve } = Promise.withResolvers<{ exitCode: number }>();
    const end = (exitCode: number) => (): void => resolve({ exitCode });
    return Promise.resolve({ ended, terminate: end(143), kill: end(137), ports: () => [] });
  },
  adopt: () => Promise.resolve({ kind: 'never-started' }),
  discard: () => Promise.resolve(),
};
