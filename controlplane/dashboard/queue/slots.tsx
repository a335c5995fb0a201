import type { JSX } from 'preact';
import { showRunning } from '../format.ts';

type SlotCounts = Parameters<typeof showRunning>[0];

/** More squares than this tell less than the numbers beside them. */
const MOST = 24;

/** Prints `2 of 3 places taken`. */
export function slotsTaken(group: SlotCounts): string {
  return group.maxRunning > 0 ? `${showRunning(group)} places taken` : showRunning(group);
}

export function Slots({ running, maxRunning }: SlotCounts): JSX.Element {
  const shown = Math.min(MOST, Math.max(running, maxRunning));
  return (
    <span class="slots" role="img" aria-label={slotsTaken({ running, maxRunning })}>
      {Array.from({ length: shown }, (_, index) => (
        <i key={index} class={index < running ? 'on' : ''} />
      ))}
    </span>
  );
}
