import type { TaskId } from '../../../shared/model/ids.ts';
import { jsonText } from '../../../controlplane/store/json-text.ts';
import type { KnownEffect, NewEffect } from '../../../controlplane/store/effects/effects.ts';
import type { EffectState } from '../../../controlplane/store/schema/task-tables.ts';
import type { KnownRequest, NewRequest } from '../../../controlplane/store/outbox/requests.ts';

export type EffectKind = 'launch' | 'process' | 'request' | 'child';

/** One effect as the record by value keeps it. */
export interface StoredEffect extends NewEffect {
  readonly kind: EffectKind;
  readonly task: TaskId;
  /** The state that the task was entering. */
  readonly state: string;
  outcome: EffectState;
  answer: string | null;
  outbox: Outbox | null;
}

/** An outgoing request that is not settled. */
interface Outbox {
  readonly isRepeatable: boolean;
  readonly giveUpAt: Date;
  /** Requests of one lane are sent one after the other. */
  readonly lane: string | null;
  tries: number;
  lastError: string | null;
}

/** The effects of all tasks, each once for its key. */
export class Effects {
  readonly #byKey = new Map<string, StoredEffect>();

  intend(task: TaskId, { state, kind }: { state: string; kind: EffectKind }, effect: NewEffect): KnownEffect {
    const earlier = this.find(task, effect.key);
    if (earlier) return earlier;
    const { key, name, scope, request } = effect;
    const stored = {
      key,
      name,
      scope,
      request,
      task,
      kind,
      state,
      outcome: 'intended',
      answer: null,
      outbox: null,
    } as const;
    this.#byKey.set(key, { ...stored });
    return { state: 'intended', request, answer: null, existed: false };
  }

  intendRequest(task: TaskId, state: string, request: NewRequest, now: Date): KnownEffect {
    const known = this.intend(task, { state, kind: 'request' }, request.effect);
    if (known.existed) return known;
    const giveUpAt = new Date(now.getTime() + request.giveUpAfterSeconds * 1000);
    this.stored(request.effect.key).outbox = {
      isRepeatable: request.isRepeatable,
      giveUpAt,
      lane: request.lane,
      tries: 0,
      lastError: null,
    };
    return known;
  }

  find(task: TaskId, key: string): KnownEffect | null {
    const stored = this.#byKey.get(key);
    if (!stored || stored.task !== task) return null;
    return { state: stored.outcome, request: stored.request, answer: answerOf(stored), existed: true };
  }

  findRequest(task: TaskId, key: string): KnownRequest | null {
    const stored = this.#byKey.get(key);
    if (!stored || stored.task !== task) return null;
    const { outcome, outbox } = stored;
    const { tries = 0, lastError = null } = outbox ?? {};
    return { state: outcome, answer: answerOf(stored), tries, lastError };
  }

  settle(task: TaskId, key: string, state: EffectState, answer: unknown): 'settled' | 'already' {
    const stored = this.#byKey.get(key);
    if (!stored || stored.task !== task) return 'already';
    if (stored.outcome !== 'intended' && stored.outcome !== 'unknown') return 'already';
    stored.outcome = state;
    stored.answer = jsonText(answer);
    return 'settled';
  }

  stored(key: string): StoredEffect {
    const stored = this.#byKey.get(key);
    if (!stored) throw new Error(`there is no effect ${key}`);
    return stored;
  }

  all(): StoredEffect[] {
    return [...this.#byKey.values()];
  }
}

export function answerOf({ answer }: StoredEffect): unknown {
  return answer === null ? null : (JSON.parse(answer) as unknown);
}
