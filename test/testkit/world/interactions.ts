import { OperationalError } from '../../../shared/model/error.ts';
import { ConnectionFailure, type ParsedScript } from '../script.ts';
import type { AgentCall } from './scripted-agent.ts';

type Rule = ParsedScript['interactions'][number];
type Fault =
  | { readonly kind: 'connection'; readonly failure: ConnectionFailure; readonly isDone: boolean }
  | { readonly kind: 'refused'; readonly error: OperationalError };

/** The calls that the script lets fail, counted as they are made. */
export class Interactions {
  readonly #rules: readonly { readonly rule: Rule; calls: number }[];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules.map((rule) => ({ rule, calls: 0 }));
  }

  /** Returns how this call fails; null: it succeeds. */
  next(call: AgentCall, state: string): Fault | null {
    let fault: Fault | null = null;
    for (const entry of this.#rules) {
      const { rule } = entry;
      if ((rule.call !== undefined && rule.call !== call) || (rule.at !== undefined && rule.at !== state)) continue;
      entry.calls += 1;
      const isMeant = entry.calls > rule.skip && entry.calls <= rule.skip + rule.times;
      if (isMeant) fault ??= faultOf(rule);
    }
    return fault;
  }

  /** Returns whether a call has failed by the rule with this index. */
  isMet(index: number): boolean {
    const entry = this.#rules[index];
    return entry !== undefined && entry.calls > entry.rule.skip;
  }
}

function faultOf({ fails }: Rule): Fault {
  if (fails === 'answer-lost') return { kind: 'connection', failure: 'channel', isDone: true };
  const connection = ConnectionFailure.safeParse(fails);
  if (connection.success) return { kind: 'connection', failure: connection.data, isDone: false };
  const code = fails as Exclude<Rule['fails'], ConnectionFailure | 'answer-lost'>;
  const happened = `The agent refused the call, as the script of the test says (${code})`;
  return { kind: 'refused', error: new OperationalError(code, { happened, remedy: 'See the script of the test' }) };
}
