import type { JSX } from 'preact';

export function ClustersPage(): JSX.Element {
  return <h1>Clusters</h1>;
}
