import type { JSX } from 'preact';

export function HealthPage(): JSX.Element {
  return <h1>Health</h1>;
}
