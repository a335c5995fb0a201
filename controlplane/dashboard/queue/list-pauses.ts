import type { PausesView, PauseTypeName } from '../../api/state/state-views.ts';
import { showAge } from '../format.ts';

/** A pause of everything, or of a group. */
export interface Pause {
  /** null: of everything. */
  readonly group: string | null;
  readonly type: PauseTypeName;
  /** null: nobody remembers. */
  readonly since: string | null;
  readonly by: string | null;
}

export function listPauses({ global, groups, origins = {} }: PausesView): Pause[] {
  const pause = (group: string | null, type: PauseTypeName): Pause => {
    const origin = origins[group === null ? 'all' : `group/${group}`];
    return { group, type, since: origin?.since ?? null, by: origin?.by ?? null };
  };
  const all = global === null ? [] : [pause(null, global)];
  return [...all, ...Object.entries(groups).map(([group, type]) => pause(group, type))];
}

/** `for 12 m 08 s, by mio`; empty when nobody remembers. */
export function pauseOrigin({ since, by }: Pick<Pause, 'since' | 'by'>, nowMs: number): string {
  const words = [
    ...(since === null ? [] : [`for ${showAge(nowMs - Date.parse(since))}`]),
    ...(by === null ? [] : [`by ${by}`]),
  ];
  return words.join(', ');
}
