import type { Signal, SignalKind } from '../../../shared/protocol/signals.ts';
import type { AttemptRow } from '../../../controlplane/store/schema.ts';
import type { MemoryRecord } from '../record/memory-record.ts';
import type { ParsedScript } from '../script.ts';
import type { ScriptedContainer } from './scripted-container.ts';
import type { ScriptedProcess } from './scripted-process.ts';
import type { VirtualClock } from './virtual-clock.ts';

type Rule = ParsedScript['signals'][number];

interface SentSignal {
  readonly seq: number;
  readonly kind: SignalKind;
  readonly body: Signal;
  /** The process that it is about. */
  readonly from: ScriptedProcess | null;
}

/** Carries the signals of containers to the record: late, lost or doubled as the script says. */
export class SignalLane {
  readonly #rules: readonly Rule[];
  readonly #clock: VirtualClock;
  readonly #record: MemoryRecord;
  readonly #onRule: (index: number) => void;

  /** `onRule` is called with the index of each rule that a signal meets. */
  constructor(
    rules: readonly Rule[],
    { clock, record }: { readonly clock: VirtualClock; readonly record: MemoryRecord },
    onRule: (index: number) => void,
  ) {
    this.#rules = rules;
    this.#clock = clock;
    this.#record = record;
    this.#onRule = onRule;
  }

  send(container: ScriptedContainer, attempt: AttemptRow, signal: SentSignal): void {
    const index = this.#rules.findIndex((one) => isMeant(one, attempt, signal));
    const rule = this.#rules[index];
    if (rule) this.#onRule(index);
    const atMs = container.deliveryMs();
    if (rule?.lost || atMs === null) return;
    const times = rule?.doubled ? 2 : 1;
    const { seq, body } = signal;
    for (let time = 0; time < times; time += 1) {
      this.#clock.at(atMs + (rule?.late ?? 0) * 1000, () => {
        this.#record.receive(attempt.id, { webhookId: `${attempt.uuid}:${seq}`, seq, body });
      });
    }
  }
}

function isMeant(rule: Rule, { number }: AttemptRow, { kind, from }: SentSignal): boolean {
  if (rule.signal !== kind || (rule.attempt !== undefined && rule.attempt !== number)) return false;
  return rule.process === undefined || rule.process === from?.facts.name || rule.process === from?.facts.state;
}
