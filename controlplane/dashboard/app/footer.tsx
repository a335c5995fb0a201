import type { JSX } from 'preact';
import { installation } from './status-poll.ts';

export function Footer({ keys }: { readonly keys: readonly (readonly [key: string, what: string])[] }): JSX.Element {
  const status = installation.value;
  return (
    <footer class="foot">
      {[...keys, ['g', 'go to task'] as const, ['?', 'all keys'] as const].map(([key, what]) => (
        <span key={key}>
          <kbd>{key}</kbd> {what}
        </span>
      ))}
      {status && (
        <span class="push">
          Wip {status.version} · node <span class="mono">{status.node}</span> · times are local
        </span>
      )}
    </footer>
  );
}
