import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { printStateTable } from '../../kit/print-table.ts';
import { transcriptOf } from '../../../controlplane/statetable/recording.ts';
import { exitOfAnyTask } from '../../../controlplane/statetable/simulate-random.ts';
import { simulate, type SimulatedMethods, type Simulation } from '../../../controlplane/statetable/simulate.ts';
import { FAILURE, type StateTable } from '../../../controlplane/statetable/table.ts';
import { BasicWip, type FailureCause } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addOf, endOf, engineDeps, kindOf, runEngine } from '../../kit/engine.ts';
import { anyTable } from '../../unit/statetable/any-table.ts';

const databases = useTestDatabases();
const MAX_STEPS = 40;
const TASKS = 60;

/** A table, the answers of its states in turn (the last repeats), and the entries that throw. */
interface Scenario {
  readonly table: StateTable;
  readonly answers: readonly string[];
  readonly throwing: readonly boolean[];
}

/**
 * The methods of one task, for the engine or the simulator. Both must call them in the same order to reach the same
 * end.
 */
class Script {
  private readonly scenario: Scenario;
  private asked = 0;
  private entered = 0;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
  }

  readonly answer = (): string => {
    const { answers } = this.scenario;
    return answers[Math.min(this.asked++, answers.length - 1)]!;
  };

  readonly throws = (): boolean => {
    const { throwing } = this.scenario;
    return throwing[this.entered++ % throwing.length]!;
  };
}

function simulated(scenario: Scenario): Simulation {
  const script = new Script(scenario);
  const methods: SimulatedMethods = {
    knows: () => true,
    terminates: () => false,
    exitAfter: exitOfAnyTask,
    answer: script.answer,
    throws: script.throws,
  };
  return simulate(scenario.table, methods, { maxSteps: MAX_STEPS });
}

/**
 * Returns a class whose methods follow the script. The engine makes a new object for each step, and the script goes on.
 */
function classOf(scenario: Scenario): () => BasicWip {
  const script = new Script(scenario);
  const enter = (state: string): void => {
    if (script.throws()) throw new Error(`${state} was made to throw`);
  };
  class Scripted extends BasicWip {
    constructor() {
      super({ uuid: 'u', options: {} });
      const names = scenario.table.states.flatMap(({ name, transitions }) => [
        name,
        ...transitions.map((row) => row.target),
      ]);
      for (const state of new Set(names.filter((name) => name !== FAILURE))) {
        Object.defineProperty(this, state, { value: () => enter(state) });
      }
      for (const method of ['check', 'poll:it']) Object.defineProperty(this, method, { value: script.answer });
    }
    override getStateTable(): string {
      return printStateTable(scenario.table);
    }
    override failure(context: WipContext, cause?: FailureCause): Promise<void> | void {
      enter(FAILURE);
      return super.failure(context, cause);
    }
  }
  return () => new Scripted();
}

/** Returns scenarios that end within few steps. They have no waits, because the engine would really wait. */
function endingScenarios(): Scenario[] {
  const scenario = fc.record({
    table: anyTable().map((table) => ({ ...table, states: table.states.map(withoutWaits) })),
    answers: fc.array(fc.constantFrom('ok', 'wait', '!', '404', 'unknown', ''), { minLength: 1, maxLength: 12 }),
    throwing: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  });
  const isUseful = (one: Scenario): boolean => {
    const { outcome, recording } = simulated(one);
    return outcome === 'finished' && recording.length > 1;
  };
  return fc.sample(scenario.filter(isUseful), { numRuns: TASKS, seed: 20_260 });
}

function withoutWaits(block: StateTable['states'][number]): StateTable['states'][number] {
  return { ...block, transitions: block.transitions.map((row) => ({ ...row, waitSeconds: 0 })) };
}

describe('engine and simulator', () => {
  it('give the same recording and the same end for the same script', async () => {
    const scenarios = endingScenarios();
    const { db } = await databases.fresh();
    const kinds = scenarios.map((scenario, index) => kindOf(`Table${index}`, classOf(scenario)));
    const engine = runEngine(engineDeps(db, kinds));
    onTestFinished(() => engine.stop());
    const ids = await Promise.all(kinds.map(({ kind }) => addOf(db, kind)));
    for (const [index, scenario] of scenarios.entries()) {
      const end = await endOf(db, ids[index]!);
      const expected = simulated(scenario);
      const text = printStateTable(scenario.table);
      expect(end.transcript.join('\n'), text).toBe(transcriptOf(expected.recording));
      expect(end.exitStatus, text).toBe(expected.exit.status);
      expect(end.exitMessage ?? '', text).toBe(expected.exit.message);
    }
  });
});
