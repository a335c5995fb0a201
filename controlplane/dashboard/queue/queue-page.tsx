import type { JSX } from 'preact';

export function QueuePage(): JSX.Element {
  return <h1>Queue</h1>;
}
