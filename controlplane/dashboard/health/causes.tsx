import type { JSX } from 'preact';
import type { GroupSummary } from '../../api/state/state-views.ts';
import { Section } from '../parts/section.tsx';

/** Why tasks ended that are still kept, the most frequent first. */
export function Causes({ groups }: { readonly groups: readonly GroupSummary[] }): JSX.Element {
  const counts = new Map<string, number>();
  for (const { causes } of groups) {
    for (const [cause, count] of Object.entries(causes)) counts.set(cause, (counts.get(cause) ?? 0) + count);
  }
  const rows = [...counts].sort((a, b) => b[1] - a[1]);
  const most = rows[0]?.[1] ?? 1;
  return (
    <Section id="causes" title="Causes" end="of all tasks that are kept">
      <div class="card tbl-wrap" tabIndex={0} role="region" aria-label="Causes">
        <table class="tbl">
          <thead>
            <tr>
              <th>Cause</th>
              <th class="num">Tasks</th>
              <th>
                <span class="sr">Share</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([cause, count]) => (
              <tr key={cause}>
                <td data-l="Cause">
                  <a class="link" href={`/?cause=${encodeURIComponent(cause)}`}>
                    {cause}
                  </a>
                </td>
                <td data-l="Tasks" class="num">
                  {count}
                </td>
                <td data-l="">
                  <span class="meter">
                    <span style={{ '--w': `${(count / most) * 100}%` }} />
                  </span>
                </td>
              </tr>
            ))}
            {rows.length === 0 && (
              <tr>
                <td data-l="Cause" colSpan={3} class="muted">
                  No task has ended yet.
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
