import { parsedTable } from '../../../controlplane/statetable/parsed-table.ts';
import type { WipClass } from '../../../controlplane/tasks/wip-class.ts';
import { ContainerWip } from '../../../controlplane/tasks/container/container-wip.ts';
import type { ExitDetail, WipContext } from '../../../controlplane/tasks/context.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';
import { SIMULATED_EXPORT } from '../../testkit/agent/simulated-build.ts';
import type { ContainerScript } from '../../testkit/script.ts';
import { simulateChecked } from '../../testkit/simulate-task.ts';
import { checkWorld } from '../../testkit/simulated-world.ts';
import type { RunStep, SimulatedRun } from '../../testkit/simulated-run.ts';

/** The state that follows a proven container. The task is held there for a while, and then jumps, once. */
const BEFORE_THE_JUMP = 'containerWipCheckResources';
const HELD_SECONDS = 30;
const PROVEN_AFTER_SECONDS = 5;
const SLOW_SECONDS = 60;

/**
 * When the container dies, seen from the state: before it is entered (and ECS says so by then), between its method and
 * its first answer, while it waits, or never.
 */
export type Death = 'before it is entered' | 'before its first answer' | 'while it waits' | 'never';

export interface WalkedEnd {
  /** What the task did from the jump on; all of it when it never came to the jump. */
  readonly steps: readonly RunStep[];
  /** The state that the task was in when its container died. */
  readonly diedIn: string | null;
  /** Whether the task launched another container afterwards. */
  readonly isReplaced: boolean;
  readonly exit: ExitDetail;
}

/**
 * Runs a task from `state` to its end, as if it had come there on its way: its container has been proven, and what
 * earlier states remember is there.
 */
export async function walkFrom(kind: WipClass, options: object, state: string, death: Death): Promise<WalkedEnd> {
  const script = {
    options: { ...options },
    containers: [{ stopsWithin: 0, ...containerOf(state, death) }, {}, {}],
    processes: processesOf(kind, options, death === 'while it waits' ? SLOW_SECONDS : 0),
  };
  // No node takes a table with such a jump.
  const run = await simulateChecked(jumpingTo(kind, state), script, checkWorld(undefined));
  const jump = run.steps.findIndex(({ value }) => value === 'jump');
  return {
    steps: run.steps.slice(Math.max(0, jump)),
    diedIn: diedIn(run, state, death),
    isReplaced: run.container?.endedBy !== 'crash',
    exit: run.exit,
  };
}

const DIES_WAITING_SECONDS = PROVEN_AFTER_SECONDS + HELD_SECONDS + SLOW_SECONDS / 2;

function containerOf(state: string, death: Death): ContainerScript {
  switch (death) {
    case 'never':
      return {};
    case 'before it is entered':
      return { end: { at: BEFORE_THE_JUMP, when: 'after-method', cause: 'crash' } };
    case 'before its first answer':
      return { end: { at: state, when: 'after-method', cause: 'crash' } };
    case 'while it waits':
      return { end: { after: DIES_WAITING_SECONDS, cause: 'crash' } };
  }
}

function diedIn({ steps }: SimulatedRun, state: string, death: Death): string | null {
  if (death === 'never') return null;
  if (death !== 'while it waits') return state;
  return steps.findLast(({ atSeconds }) => atSeconds < DIES_WAITING_SECONDS)?.to ?? null;
}

/** The class with two rows more, which hold it when its container is proven, and let it jump to `state`. */
function jumpingTo(kind: WipClass, state: string): WipClass {
  const head = `${BEFORE_THE_JUMP}:checkContainerResources [container] {`;
  const rows = `\n  hold ${BEFORE_THE_JUMP} wait=${HELD_SECONDS} exec=false\n  jump ${state}`;
  return defineWip({
    ...kind,
    create: (task) => {
      const wip = kind.create(task) as ContainerWip;
      const own = wip.checkContainerResources.bind(wip);
      const table = wip.getStateTable().replace(head, `${head}${rows}`);
      const checkContainerResources = async (context: WipContext): Promise<string> => {
        const { memory, now } = context;
        if (memory['jumped'] === true) return own(context);
        await context.liveness();
        memory['heldUntilMs'] ??= now.getTime() + HELD_SECONDS * 1000;
        if (now.getTime() < Number(memory['heldUntilMs'])) return 'hold';
        Object.assign(memory, { jumped: true, home: '/home/local', buildFile: SIMULATED_EXPORT });
        return 'jump';
      };
      return Object.assign(wip, { getStateTable: () => table, checkContainerResources });
    },
  });
}

/** Each state may start a process. What it writes fits those that are read. */
function processesOf(kind: WipClass, options: object, runsFor: number): Record<string, object> {
  const wip = kind.create({ uuid: '', options });
  const states = parsedTable(wip.getStateTable()).states.map(({ name }) => name);
  const textOf = (name: string): string =>
    name === 'exportBuildFileAsJson' ? JSON.stringify(SIMULATED_EXPORT) : '/home/local';
  return Object.fromEntries(states.map((name) => [name, { runsFor, stdout: textOf(name) }]));
}
