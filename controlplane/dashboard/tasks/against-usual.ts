import { showSeconds } from '../format.ts';

/** From here on the difference is worth a colour: a quarter more, and a few seconds at least. */
const SLOW_RATIO = 1.2;
const SLOW_SECONDS = 5;

export interface AgainstUsual {
  /** `of 4 m 30 s` while it runs, `+5 %` afterwards, or as soon as it takes longer. */
  readonly say: string;
  readonly isSlow: boolean;
  /** Width of the bar; the median is in the middle. */
  readonly percent: number;
}

/** Holds a duration against its median; null without one. */
export function againstUsual(seconds: number, usual: number | null, when: 'running' | 'ended'): AgainstUsual | null {
  if (usual === null || usual <= 0) return null;
  const ratio = seconds / usual;
  const isSlow = ratio > SLOW_RATIO && seconds - usual > SLOW_SECONDS;
  const difference = Math.round((ratio - 1) * 100);
  const say =
    when === 'running' && ratio <= 1
      ? `of ${showSeconds(usual)}`
      : `${difference > 0 ? '+' : difference < 0 ? '−' : ''}${Math.abs(difference)}\u00a0%`;
  return { say, isSlow, percent: Math.min(100, Math.round(ratio * 50)) };
}
