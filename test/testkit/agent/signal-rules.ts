import { CLASS_ID, type SignalKind } from '../../../shared/protocol/signals.ts';
import type { AgentSignalRule } from './agent-script.ts';

/** The process that a signal is about: the name of its effect, and the state that started it. */
export interface SignalProcess {
  readonly name: string;
  readonly state: string;
}

/** Finds what a script says of the signals of one container. */
export class SignalRules {
  readonly #rules: readonly AgentSignalRule[];
  readonly #processOf: (key: string) => SignalProcess | undefined;

  constructor(rules: readonly AgentSignalRule[], processOf: (key: string) => SignalProcess | undefined) {
    this.#rules = rules;
    this.#processOf = processOf;
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** Returns the rule for the body of a request; undefined for one that is no signal, and for one without a rule. */
  find(body: Buffer): AgentSignalRule | undefined {
    const { classId, processId } = parsed(body);
    const kind = KINDS.get(classId);
    if (kind === undefined) return undefined;
    const process = processId === undefined ? undefined : this.#processOf(processId);
    return this.#rules.find(
      (rule) =>
        rule.signal === kind &&
        (rule.process === undefined || rule.process === process?.name || rule.process === process?.state),
    );
  }
}

const KINDS: ReadonlyMap<unknown, SignalKind> = new Map(
  (Object.keys(CLASS_ID) as SignalKind[]).map((kind) => [CLASS_ID[kind], kind]),
);

function parsed(body: Buffer): { classId?: unknown; processId?: string } {
  try {
    return JSON.parse(body.toString()) as { classId?: unknown; processId?: string };
  } catch {
    return {}; // a request without a body, or not ours
  }
}
