import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import type { WipClass } from '../../../controlplane/tasks/wip-class.ts';
import type { AgentScript } from '../agent/agent-script.ts';
import type { Awaited } from '../started-wip.ts';
import { checkProcessNames, checkState, checkStates, statesOf } from './known-states.ts';
import type { TaskScripts } from './task-scripts.ts';

interface OwnTask {
  readonly states: readonly string[];
  readonly script: AgentScript | undefined;
}

/** The tasks that a test has added, and whether what it names of them is there. */
export class OwnScripts {
  readonly #statesOfAll: readonly string[];
  readonly #scripts: Pick<TaskScripts, 'started'>;
  readonly #tasks = new Map<number, OwnTask>();

  constructor(kinds: readonly WipClass[], scripts: Pick<TaskScripts, 'started'>) {
    this.#statesOfAll = [...SHIPPED_KINDS, ...kinds].flatMap((kind) => statesOf(kind));
    this.#scripts = scripts;
  }

  /** Checks the script of all tasks. */
  checkCommon(script: AgentScript): void {
    checkStates(script, [], this.#statesOfAll);
  }

  /** Checks the script of a task before it is added, and returns the states that it can be in. */
  check(kind: WipClass, options: object, script: AgentScript | undefined): readonly string[] {
    const states = statesOf(kind, options);
    checkStates(script ?? {}, states, this.#statesOfAll);
    return states;
  }

  add(task: number, states: readonly string[], script: AgentScript | undefined): void {
    this.#tasks.set(task, { states, script });
  }

  /** A state that a task does not have is waited for in vain. */
  checkAwaited(task: number, what: Awaited): void {
    const own = this.#tasks.get(task);
    if (own && typeof what === 'object') checkState('until', what.state, own.states);
  }

  /** A process may have another name than the state that starts it, so names are checked at the end of the task. */
  checkUse(task: number): void {
    const own = this.#tasks.get(task);
    if (own?.script) checkProcessNames(own.script, this.#scripts.started, this.#statesOfAll);
  }
}
