import type { JSX } from 'preact';
import type { ConnectionStatus } from '../../api/state/state-views.ts';
import { showAge } from '../format.ts';
import { StatusWord } from '../parts/icons.tsx';
import { Section } from '../parts/section.tsx';
import { now } from '../server/connection.ts';
import { nodeState, showOffset } from './node-condition.ts';

/** How long the first of its leases lasts; null: it holds none, or is of a version that does not say. */
function leaseMs({ shortestLeaseSeconds = null }: ConnectionStatus['nodes'][number]): number | null {
  return shortestLeaseSeconds === null ? null : shortestLeaseSeconds * 1000;
}

export function Nodes({
  nodes,
  own,
}: {
  readonly nodes: ConnectionStatus['nodes'];
  readonly own: string;
}): JSX.Element {
  return (
    <Section id="nodes" title="Nodes and leases" end="those that have reported in the last half minute">
      <div class="card tbl-wrap" tabIndex={0} role="region" aria-label="Leases and clocks of the nodes">
        <table class="tbl">
          <thead>
            <tr>
              <th>Node</th>
              <th>Version</th>
              <th class="num">Up</th>
              <th class="num">Last heartbeat</th>
              <th class="num">Tasks held</th>
              <th class="num">Shortest lease</th>
              <th class="num">Clock</th>
              <th>State</th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((node) => {
              return (
                <tr key={node.name}>
                  <td data-l="Node">
                    <span class="mono">{node.name}</span>
                    {node.name === own && <span class="muted"> answers you</span>}
                  </td>
                  <td data-l="Version">{node.version}</td>
                  <td data-l="Up" class="num">
                    {showAge(now.value - Date.parse(node.startedAt))}
                  </td>
                  <td data-l="Last heartbeat" class="num">
                    {showAge(now.value - Date.parse(node.seenAt))} ago
                  </td>
                  <td data-l="Tasks held" class="num">
                    {node.tasksHeld ?? '–'}
                  </td>
                  <td data-l="Shortest lease" class="num">
                    {showAge(leaseMs(node))}
                  </td>
                  <td data-l="Clock" class="num">
                    {showOffset(node.clockOffsetMs ?? null)}
                  </td>
                  <td data-l="State" class="nowrap">
                    <StatusWord status={nodeState(node, now.value)} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
