import type { JSX } from 'preact';

/** More squares than this tell less than the numbers beside them. */
const MOST = 24;

export function Slots({ running, maxRunning }: { readonly running: number; readonly maxRunning: number }): JSX.Element {
  const shown = Math.min(MOST, Math.max(running, maxRunning));
  return (
    <span class="slots" role="img" aria-label={`${running} of ${maxRunning} places taken`}>
      {Array.from({ length: shown }, (_, index) => (
        <i key={index} class={index < running ? 'on' : ''} />
      ))}
    </span>
  );
}
