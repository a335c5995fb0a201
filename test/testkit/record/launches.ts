import type { TaskId } from '../../../shared/model/ids.ts';
import type { LaunchIntent, NewAttempt } from '../../../controlplane/store/attempts/intend-launch.ts';
import type { NewEffect } from '../../../controlplane/store/effects/effects.ts';
import type { TaskLease } from '../../../controlplane/store/tasks/leases.ts';
import { isLive, type Attempts } from './attempts.ts';
import type { Effects } from './effects.ts';
import { stateOf } from './stored-task.ts';
import type { Tasks } from './tasks.ts';

interface LaunchesDeps {
  readonly tasks: Tasks;
  readonly attempts: Attempts;
  readonly effects: Effects;
  readonly now: () => Date;
}

/** Intents to launch containers, as intend-launch.ts of the control plane keeps them. */
export class Launches {
  readonly #deps: LaunchesDeps;

  constructor(deps: LaunchesDeps) {
    this.#deps = deps;
  }

  recall(lease: TaskLease, key: string): LaunchIntent | null {
    const { tasks, attempts, effects } = this.#deps;
    const earlier = attempts.find(lease.id, ({ launchKey }) => launchKey === key);
    if (!earlier) return this.#unresolved(lease.id);
    const effect = effects.find(lease.id, key);
    if (!effect) throw new Error(`the launch effect of container attempt ${earlier.uuid} is gone`);
    if (!tasks.leased(lease)) return { kind: 'lost' };
    return { kind: 'intended', effect, attempt: { ...earlier } };
  }

  intend(lease: TaskLease, launch: { effect: NewEffect; attempt: NewAttempt }): LaunchIntent {
    const { tasks, attempts, effects, now } = this.#deps;
    const { key } = launch.effect;
    const earlier = attempts.find(lease.id, ({ launchKey }) => launchKey === key);
    const unresolved = earlier ? null : this.#unresolved(lease.id);
    if (unresolved) return unresolved;
    const task = tasks.leased(lease);
    if (!task) return { kind: 'lost' };
    const effect = effects.intend(lease.id, { state: stateOf(task), kind: 'launch' }, launch.effect);
    if (earlier) return { kind: 'intended', effect, attempt: { ...earlier } };
    const attempt = attempts.insert(lease.id, launch.attempt, key, now());
    task.row.attempts = attempt.number;
    task.row.currentAttempt = attempt.number;
    return { kind: 'intended', effect, attempt };
  }

  #unresolved(task: TaskId): LaunchIntent | null {
    const unresolved = this.#deps.attempts.find(task, isLive);
    return unresolved ? { kind: 'unresolved', attempt: { ...unresolved } } : null;
  }
}
