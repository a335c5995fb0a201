import { ProcessScript, type ParsedProcess } from '../process-script.ts';
import { ContainerScript, type ParsedContainer, type ParsedScript } from '../script.ts';
import { TestkitError } from '../testkit-error.ts';

const FRIENDLIEST_CONTAINER = ContainerScript.parse({});
const FRIENDLIEST_PROCESS = ProcessScript.parse({});
const FRIENDLIEST_CHILD = { endsAfter: 1, exitStatus: 'COMPLETED', exitMessage: null, cause: null } as const;

type ParsedChildren = ParsedScript['children'][string];
type ParsedChild = Exclude<ParsedChildren, readonly unknown[]> | typeof FRIENDLIEST_CHILD;

/** The script of one run: which part is next for a container, process or child, and which parts were met. */
export class ScriptParts {
  /** Paths of the parts that were met, such as `processes.restore`. */
  readonly used = new Set<string>();
  /** How often each list was asked, by its path. */
  readonly turns = new Map<string, number>();
  /** The first mistake in the script that came to light. A method could catch it, so whoever drives the task throws it again. */
  mistake: TestkitError | null = null;
  readonly #script: ParsedScript;

  constructor(script: ParsedScript) {
    this.#script = script;
  }

  /** @param attempt - Number of the container attempt, from 1. */
  container(attempt: number): ParsedContainer {
    const { container = FRIENDLIEST_CONTAINER, containers } = this.#script;
    return containers ? (containers[attempt - 1] ?? container) : container;
  }

  /** Returns the script of a process by its name, or else by the state that started it. */
  process(name: string, state: string): ParsedProcess {
    const key = name in this.#script.processes ? name : state;
    const path = `processes.${key}`;
    this.used.add(path);
    const scripts = this.#script.processes[key];
    if (scripts !== undefined) return this.#inTurn(path, scripts);
    if (this.#script.strict) this.#refuse(`The process "${name}" (state ${state}) has no script`);
    return FRIENDLIEST_PROCESS;
  }

  child(name: string): ParsedChild {
    const path = `children.${name}`;
    this.used.add(path);
    const scripts = this.#script.children[name];
    if (scripts !== undefined) return this.#inTurn<ParsedChild>(path, scripts);
    if (this.#script.strict) this.#refuse(`The child "${name}" has no script`);
    return FRIENDLIEST_CHILD;
  }

  /** Returns the script of the first time, the second …; the last repeats. */
  #inTurn<T extends object>(path: string, scripts: T | T[]): T {
    if (!Array.isArray(scripts)) return scripts;
    const times = this.turns.get(path) ?? 0;
    this.turns.set(path, times + 1);
    return scripts[Math.min(times, scripts.length - 1)]!;
  }

  #refuse(message: string): never {
    this.mistake ??= new TestkitError(message);
    throw this.mistake;
  }
}
