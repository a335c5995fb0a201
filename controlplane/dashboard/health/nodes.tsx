import type { JSX } from 'preact';
import type { ConnectionStatus } from '../../api/state/state-views.ts';
import { showAge } from '../format.ts';
import { Section } from '../parts/section.tsx';
import { now } from '../server/connection.ts';

export function Nodes({ nodes }: { readonly nodes: ConnectionStatus['nodes'] }): JSX.Element {
  return (
    <Section id="nodes" title="Nodes" end="those that have reported in the last half minute">
      <div class="card tbl-wrap" tabIndex={0} role="region" aria-label="Nodes">
        <table class="tbl">
          <thead>
            <tr>
              <th>Node</th>
              <th>Version</th>
              <th class="num">Up</th>
              <th class="num">Said something</th>
            </tr>
          </thead>
          <tbody>
            {nodes.map(({ name, version, startedAt, seenAt }) => (
              <tr key={name}>
                <td data-l="Node" class="mono">
                  {name}
                </td>
                <td data-l="Version">{version}</td>
                <td data-l="Up" class="num">
                  {showAge(now.value - Date.parse(startedAt))}
                </td>
                <td data-l="Said something" class="num">
                  {showAge(now.value - Date.parse(seenAt))} ago
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
