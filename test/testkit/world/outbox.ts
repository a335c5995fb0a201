import { decideTry } from '../../../controlplane/outbox/decide-try.ts';
import type { SendOutcome } from '../../../controlplane/outbox/send-request.ts';
import type { Delivery } from '../../../controlplane/tasks/outgoing-request.ts';
import type { StoredEffect } from '../record/effects.ts';
import type { MemoryRecord } from '../record/memory-record.ts';
import { TaskScript, type ParsedScript } from '../script.ts';
import type { VirtualClock } from './virtual-clock.ts';

type Answers = ParsedScript['deliveries'][string];

const FRIENDLIEST: Answers = TaskScript.shape.deliveries.parse({ any: {} })['any']!;

interface OutboxDeps {
  readonly record: MemoryRecord;
  readonly clock: VirtualClock;
  readonly answers: ParsedScript['deliveries'];
  /** Returns why no request may go where this one goes; null: it may. */
  readonly whyForbidden: (effect: StoredEffect) => string | null;
}

/** Sends the requests that the task leaves for delivery, by the rules of the outbox, to receivers of the script. */
export class Outbox {
  readonly #record: MemoryRecord;
  readonly #clock: VirtualClock;
  readonly #answers: ParsedScript['deliveries'];
  readonly #whyForbidden: OutboxDeps['whyForbidden'];
  readonly #tries = new Map<string, number>();
  /** The requests of each lane that are not settled, the one that is tried first. */
  readonly #lanes = new Map<string, readonly StoredEffect[]>();

  constructor({ record, clock, answers, whyForbidden }: OutboxDeps) {
    this.#record = record;
    this.#clock = clock;
    this.#answers = answers;
    this.#whyForbidden = whyForbidden;
  }

  /** Returns how often a request was sent. */
  triesOf(key: string): number {
    return this.#tries.get(key) ?? 0;
  }

  /** Plans the first try of a request: now, or when the earlier ones of its lane are settled. */
  plan(effect: StoredEffect): void {
    const lane = effect.outbox?.lane ?? null;
    if (lane === null) return this.#planTry(effect, 0);
    const waiting = this.#lanes.get(lane) ?? [];
    this.#lanes.set(lane, [...waiting, effect]);
    if (waiting.length === 0) this.#planTry(effect, 0);
  }

  #planNextOf(lane: string | null): void {
    if (lane === null) return;
    const [, ...waiting] = this.#lanes.get(lane) ?? [];
    this.#lanes.set(lane, waiting);
    if (waiting[0]) this.#planTry(waiting[0], 0);
  }

  #planTry(effect: StoredEffect, afterSeconds: number): void {
    const script = this.#answers[effect.name] ?? FRIENDLIEST;
    const { nowMs } = this.#clock;
    this.#clock.at(nowMs + afterSeconds * 1000, () => {
      const number = this.triesOf(effect.key) + 1;
      this.#tries.set(effect.key, number);
      this.#clock.at(this.#clock.nowMs + script.answersAfter * 1000, () => this.#answered(effect, script, number));
    });
  }

  #answered(effect: StoredEffect, script: Answers, tries: number): void {
    const { outbox } = effect;
    if (!outbox) return;
    const outcome = this.#outcomeOf(effect, script, tries);
    const isLast = this.#clock.now() >= outbox.giveUpAt;
    const decision = decideTry(outcome, { tries, isRepeatable: outbox.isRepeatable, isLast }, this.#clock.now());
    outbox.tries = tries;
    if (decision.kind === 'again') {
      outbox.lastError = decision.message;
      // The last try is at the end of its time.
      const leftSeconds = Math.max(0, outbox.giveUpAt.getTime() - this.#clock.nowMs) / 1000;
      this.#planTry(effect, Math.min(decision.afterSeconds, leftSeconds));
      return;
    }
    this.#record.effects.settle(effect.task, effect.key, decision.kind, decision satisfies Delivery);
    this.#record.wake(effect.task, 'by-signal');
    this.#planNextOf(outbox.lane);
  }

  #outcomeOf(effect: StoredEffect, { answers, body }: Answers, tries: number): SendOutcome {
    const forbidden = this.#whyForbidden(effect);
    if (forbidden !== null) return { kind: 'forbidden', message: forbidden };
    const answer = answers[Math.min(tries, answers.length) - 1]!;
    if (answer !== 'no-answer') return { kind: 'answer', status: answer, headers: {}, body, isWhole: true };
    return { kind: 'no-answer', neverSent: false, message: 'the receiver did not answer' };
  }
}
