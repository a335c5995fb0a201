import type { Removal } from './promise.ts';

/** Of proxies, of images without an agent, of commands, and of webhooks. */
export const OUTSIDE_REMOVALS: readonly Removal[] = [
  {
    point: 12,
    removed: 'what a proxy hands on is no local request',
    file: 'controlplane/api/http/from-local-program.ts',
    from: 'return !isProxied && ',
    to: 'return ',
    test: 'test/integration/api/access.test.ts',
  },
  {
    point: 14,
    removed: 'the secret of a container without an agent is compared',
    file: 'controlplane/api/agents/basic-signal.ts',
    from: 'if (!hasSecret || given.user !== user)',
    to: 'if (given.user !== user)',
    test: 'test/integration/api/basic-signals.test.ts',
  },
  {
    point: 14,
    removed: 'an unsigned exit decides nothing alone',
    file: 'controlplane/containers/liveness.ts',
    from: 'if (agent.isHint === true) return fromHint(witnesses);',
    to: '',
    test: 'test/unit/containers/legacy-rules.test.ts',
  },
  {
    point: 15,
    removed: 'the file of a development system is private to its reader',
    file: 'controlplane/cli/client/private-file.ts',
    from: 'forbidden: 0o077',
    to: 'forbidden: 0',
    test: 'test/unit/cli/connection.test.ts',
  },
  {
    point: 15,
    removed: 'it gets no WIP_TOKEN',
    file: 'controlplane/cli/client/find-connection.ts',
    from: 'tokens: [dev.token]',
    to: 'tokens: [token, dev.token]',
    test: 'test/unit/cli/connection.test.ts',
  },
  {
    point: 16,
    removed: 'a delivery is known by what was signed',
    file: 'controlplane/hooks/delivery-key.ts',
    from: "if (service === 'github')",
    to: "if (service === 'github') return shownId(headers) ?? ''; if (service === 'github')",
    test: 'test/integration/api/hook-routes.test.ts',
  },
];
