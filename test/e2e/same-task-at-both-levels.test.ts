import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUILD_STEPS } from '../../controlplane/tasks/kinds.ts';
import type { WipClass } from '../../controlplane/tasks/wip-class.ts';
import { findServer, type DatabaseServer } from '../kit/database/database-server.ts';
import { DUMP_CHECK } from '../kit/kinds/dump-check.ts';
import { byValue, randomAgentScript, type FriendlyProcesses } from '../kit/agent/random-agent-script.ts';
import { SIMULATED_EXPORT } from '../testkit/agent/simulated-build.ts';
import type { AgentScript } from '../testkit/agent/agent-script.ts';
import { scriptFromTranscript } from '../testkit/script-from-transcript.ts';
import { simulateScript } from '../testkit/simulate-task.ts';
import { startWip } from '../testkit/start-wip.ts';
import type { StartedWip } from '../testkit/started-wip.ts';

// A task of a minute takes three seconds.
const SPEED = 20;
const SEEDS = Array.from({ length: 8 }, (_none, index) => index + 1);

interface Subject {
  readonly kind: WipClass;
  readonly options: (name: string) => Record<string, unknown>;
  readonly friendly: FriendlyProcesses;
}
const SUBJECTS: Readonly<Record<string, Subject>> = {
  'a class of its own': {
    kind: DUMP_CHECK as unknown as WipClass,
    options: (name) => ({ dump: `/dev/null?${name}` }),
    friendly: { read: {} },
  },
  'a build': {
    kind: BUILD_STEPS as unknown as WipClass,
    options: (name) => ({ vcsPath: `branch-${name}`, vcsUri: 'https://example.org/app.git' }),
    friendly: {
      ensureBuildUser: { stdout: '/home/build' },
      exportBuildFileAsJson: { stdout: JSON.stringify(SIMULATED_EXPORT) },
      executeBuildScript: {},
      releaseWorkspaceSshKey: {},
    },
  },
};

interface Path {
  readonly states: readonly string[];
  readonly exit: string;
  readonly cause: string | null;
  readonly why: string;
}

type Step = { readonly from: string | null; readonly to: string };
const statesOf = (steps: readonly Step[]): string[] => steps.filter(({ from, to }) => from !== to).map(({ to }) => to);

async function pathByValue(kind: WipClass, options: object, script: AgentScript): Promise<Path> {
  const { steps, exit, why } = await simulateScript(kind, { ...byValue(script), options: { ...options } });
  return { states: statesOf(steps), exit: `${exit.status}: ${exit.message}`, cause: exit.cause ?? null, why };
}

describe('the same script', () => {
  let server: DatabaseServer;
  let wip: StartedWip;
  beforeAll(async () => {
    server = await findServer();
    wip = await startWip({ kinds: [DUMP_CHECK], databaseUrl: server.url, speed: SPEED });
  });
  afterAll(async () => {
    await wip.close();
    await server.close([]);
  });

  /** Runs the task in a whole system, and replays its recording. */
  async function pathOfSystem(kind: WipClass, options: object, script: AgentScript): Promise<Path> {
    const { id } = await wip.addTask(kind, options, { script, group: crypto.randomUUID() });
    const { exitStatus, exitMessage, cause, why } = await wip.until(id, 'end', '250 s');
    const steps = await wip.client.readSteps(id);
    const exit = { status: exitStatus, message: exitMessage, cause };
    await simulateScript(kind, { ...scriptFromTranscript({ kind: kind.kind, steps, exit }), options: { ...options } });
    return { states: statesOf(steps), exit: `${exitStatus}: ${exitMessage ?? ''}`, cause, why };
  }

  it.each(Object.entries(SUBJECTS))(
    'leads %s along the same states to the same end and sentence, by value and in a whole system',
    async (_name, { kind, options, friendly }) => {
      const runs = SEEDS.map(async (seed) => {
        const script = randomAgentScript(seed, friendly);
        const given = options(String(seed));
        const [value, system] = [await pathByValue(kind, given, script), await pathOfSystem(kind, given, script)];
        return { seed, script, value, system };
      });
      const ended = await Promise.all(runs);
      for (const { seed, script, value, system } of ended) {
        expect(system, `seed ${seed}: ${JSON.stringify(script)}`).toEqual(value);
      }
      expect(new Set(ended.map(({ value }) => value.exit)).size).toBeGreaterThan(2);
    },
  );

  it.each([
    ['dies', 'crash', 'container-exited'],
    ['is lost with its machine', 'host-lost', 'host-lost'],
  ] as const)('takes a container that %s for the same at both levels', async (_how, cause, known) => {
    const container = { end: { at: 'read', cause } };
    const script = {
      containers: [container, container, container],
      processes: { read: { runsFor: 'forever' as const } },
    };
    const given = { dump: `/dev/null?${crypto.randomUUID()}` };
    const path = await pathOfSystem(DUMP_CHECK as unknown as WipClass, given, script);
    expect(path.cause).toBe(known);
    expect(path).toEqual(await pathByValue(DUMP_CHECK as unknown as WipClass, given, script));
  });

  it('fills the disk of a host: the task waits for it, as it does by value', async () => {
    const given = { dump: `/dev/null?${crypto.randomUUID()}` };
    const { id } = await wip.addTask(DUMP_CHECK, given, { script: { container: { usedDiskPercent: 90 } } });
    const { state } = await wip.until(id, ({ why }) => why.includes('90 % full'), '100 s');
    expect(state).toBe('containerWipCheckResources');
    await wip.client.act(id, 'terminate');
    await wip.until(id, 'end', '100 s');
  });
});
