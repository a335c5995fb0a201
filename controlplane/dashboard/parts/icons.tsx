import type { JSX } from 'preact';
import type { IconShape, Status } from '../status-words.ts';

interface IconProps {
  readonly size?: number;
  readonly children?: preact.ComponentChildren;
}

function Svg({ size = 14, children }: IconProps): JSX.Element {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      {children}
    </svg>
  );
}

const ring = (more: { readonly opacity?: string; readonly 'stroke-dasharray'?: string } = {}): JSX.Element => (
  <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6" {...more} />
);
const onFill = { fill: 'none', stroke: 'var(--surface)', 'stroke-width': '1.7', 'stroke-linecap': 'round' } as const;

const SHAPES: Readonly<Record<IconShape, () => JSX.Element>> = {
  run: () => (
    <>
      {ring({ opacity: '.3' })}
      <path class="spin" d="M8 1.8a6.2 6.2 0 0 1 6.2 6.2" fill="none" stroke="currentColor" stroke-width="2" />
      <circle cx="8" cy="8" r="2.6" fill="currentColor" />
    </>
  ),
  start: () => (
    <>
      {ring()}
      <path d="M8 1.8a6.2 6.2 0 0 0 0 12.4z" fill="currentColor" />
    </>
  ),
  queue: () => ring({ 'stroke-dasharray': '2.6 2.27' }),
  pause: () => (
    <>
      {ring()}
      <path d="M6.3 5.6v4.8M9.7 5.6v4.8" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" />
    </>
  ),
  ok: () => (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="M4.9 8.3l2.1 2.1 4.1-4.6" {...onFill} />
    </>
  ),
  warn: () => (
    <>
      <path d="M8 1.6l6.9 12.2a.6.6 0 0 1-.5.9H1.6a.6.6 0 0 1-.5-.9z" fill="currentColor" />
      <path d="M8 6v4M8 12.2v.1" {...onFill} />
    </>
  ),
  bad: () => (
    <>
      <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" fill="currentColor" />
      <path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" {...onFill} />
    </>
  ),
  sys: () => (
    <>
      <path d="M8 .6L15.4 8 8 15.4.6 8z" fill="currentColor" />
      <path d="M8 4.6v4M8 11v.1" {...onFill} />
    </>
  ),
  shut: () => (
    <>
      {ring()}
      <path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" />
    </>
  ),
  term: () => (
    <>
      <rect x="1.8" y="1.8" width="12.4" height="12.4" rx="2" fill="none" stroke="currentColor" stroke-width="1.6" />
      <rect x="5.4" y="5.4" width="5.2" height="5.2" fill="currentColor" />
    </>
  ),
};

export function StatusIcon({ shape, size = 14 }: { readonly shape: IconShape; readonly size?: number }): JSX.Element {
  return <Svg size={size}>{SHAPES[shape]()}</Svg>;
}

export function StatusWord({ status }: { readonly status: Status }): JSX.Element {
  return (
    <span class={`st st-${status.shape}`}>
      <StatusIcon shape={status.shape} />
      {status.word}
    </span>
  );
}

export function SearchIcon(): JSX.Element {
  return (
    <Svg>
      <circle cx="7" cy="7" r="4.6" fill="none" stroke="currentColor" stroke-width="1.5" />
      <path d="M10.5 10.5L14 14" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" />
    </Svg>
  );
}

export function DotIcon(): JSX.Element {
  return (
    <Svg size={8}>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
    </Svg>
  );
}

export function CopyIcon(): JSX.Element {
  return (
    <Svg>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" fill="none" stroke="currentColor" stroke-width="1.4" />
      <path
        d="M10.5 3.2V3A1.5 1.5 0 0 0 9 1.5H4A1.5 1.5 0 0 0 2.5 3v5A1.5 1.5 0 0 0 4 9.5h.2"
        fill="none"
        stroke="currentColor"
        stroke-width="1.4"
      />
    </Svg>
  );
}

export function ThemeIcon(): JSX.Element {
  return (
    <Svg size={16}>
      <circle cx="8" cy="8" r="5.8" fill="none" stroke="currentColor" stroke-width="1.5" />
      <path d="M8 2.2a5.8 5.8 0 0 1 0 11.6z" fill="currentColor" />
    </Svg>
  );
}

export function PersonIcon(): JSX.Element {
  return (
    <Svg>
      <circle cx="8" cy="5.2" r="2.9" fill="none" stroke="currentColor" stroke-width="1.4" />
      <path d="M2.4 14.2c.5-3 2.6-4.4 5.6-4.4s5.1 1.4 5.6 4.4" fill="none" stroke="currentColor" stroke-width="1.4" />
    </Svg>
  );
}

export function KeyIcon(): JSX.Element {
  return (
    <Svg>
      <circle cx="5" cy="8" r="3" fill="none" stroke="currentColor" stroke-width="1.5" />
      <path d="M8 8h6.5M12 8v2.5" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" />
    </Svg>
  );
}

export function Mark(): JSX.Element {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <path
        d="M2 4l3.6 12L10 6l4.4 10L18 4"
        fill="none"
        stroke="currentColor"
        stroke-width="2.4"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
