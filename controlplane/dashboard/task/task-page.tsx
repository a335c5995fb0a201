import type { JSX } from 'preact';

export function TaskPage(): JSX.Element {
  return <h1>Task</h1>;
}
