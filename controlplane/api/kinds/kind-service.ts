import { OperationalError } from '../../../shared/model/error.ts';
import { EMPTY_TRANSITION, type StateTable } from '../../statetable/table.ts';
import type { WipClass } from '../../tasks/wip-class.ts';
import { kindTable } from '../../tasks/checks/kind-table.ts';
import type { KindTableAnswer, TableLayout } from './kind-views.ts';

/** Tells the kinds of tasks that this node runs. */
export interface KindService {
  listKinds(): readonly string[];
  /** Throws TASK_KIND_UNKNOWN. */
  readTable(kind: string): Promise<KindTableAnswer>;
}

export function createKindService(kinds: ReadonlyMap<string, WipClass>): KindService {
  const layouts = new WeakMap<StateTable, Promise<TableLayout>>();
  return {
    listKinds: () => [...kinds.keys()],
    async readTable(name) {
      const kind = kinds.get(name);
      const of = kind && kindTable(kind);
      if (!of) throw kindUnknown(name, [...kinds.keys()]);
      const { table, blocks } = of;
      const layout = layouts.get(table) ?? placed(table);
      layouts.set(table, layout);
      const states = table.states.map((state) => ({
        name: state.name,
        block: blocks.get(state.name) ?? ('work' as const),
        method: state.transitionMethod === EMPTY_TRANSITION ? null : state.transitionMethod,
        timer: state.timer,
        rows: state.transitions.map(({ value, target, waitSeconds, max, exec }) => ({
          ...{ value, target, waitSeconds, maxTimes: max, runsTarget: exec },
        })),
      }));
      return { kind: name, start: table.startState, states, layout: await layout };
    },
  };
}

/** The drawing library is a megabyte of WebAssembly, so it is loaded when somebody first looks at a table. */
async function placed(table: StateTable): Promise<TableLayout> {
  const { layoutTable } = await import('../../statetable/layout-table.ts');
  return layoutTable(table);
}

function kindUnknown(name: string, known: readonly string[]): OperationalError {
  return new OperationalError('KIND_UNKNOWN', {
    happened: `This node has no kind of task named "${name}", or its table depends on the options of a task`,
    remedy: `Use one of ${known.join(', ')}`,
  });
}
