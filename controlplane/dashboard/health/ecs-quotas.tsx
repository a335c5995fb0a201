import type { JSX } from 'preact';
import { installation } from '../app/status-poll.ts';
import { showAge, showSeconds } from '../format.ts';
import { StatusWord } from '../parts/icons.tsx';
import { Problem, Section } from '../parts/section.tsx';
import { now } from '../server/connection.ts';
import { usePolled } from '../server/poll.ts';
import { api, bodyOf } from '../server/request.ts';
import { quotaRows, type QuotaRow } from './quota-rows.ts';

const showRate = (perSecond: number): string => perSecond.toLocaleString('en', { maximumFractionDigits: 2 });

const QUOTAS_MS = 5_000;

/** The calls of ECS and EC2 that are left to the node that answers, and how long calls have waited for them. */
export function EcsQuotas(): JSX.Element | null {
  const { value, at, problem } = usePolled(() => bodyOf(api.GET('/v1/ecs-quotas')), QUOTAS_MS);
  if (problem !== null) return <Problem what="The API budget could not be read" error={problem} />;
  if (value === null) return null;
  return (
    <Section
      id="quotas"
      title="ECS API budget"
      note="Calls this node may make at once; nothing waits while some are left."
      end={`as ${value.node} counts it, ${showAge(now.value - at)} ago`}
    >
      {value.quotas.length === 0 ? (
        <p class="card pad muted">This node has not called ECS yet.</p>
      ) : (
        <QuotaTable rows={quotaRows(value.quotas, installation.value?.nodes.length ?? 1)} />
      )}
    </Section>
  );
}

function QuotaTable({ rows }: { readonly rows: readonly QuotaRow[] }): JSX.Element {
  return (
    <div class="card tbl-wrap" tabIndex={0} role="region" aria-label="Calls left of each quota">
      <table class="tbl">
        <thead>
          <tr>
            <th>Quota</th>
            <th>Clusters</th>
            <th>
              <span class="sr">Share that is left</span>
            </th>
            <th class="num">Left now</th>
            <th class="num">Refills</th>
            <th class="num">Waited</th>
            <th>State</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ quota, clusters, left, most, perSecond, waitedSeconds, share, state }) => (
            <tr key={`${quota} ${clusters.join()}`}>
              <td data-l="Quota">
                <b>{quota}</b>
              </td>
              <td data-l="Clusters">{clusters.join(', ')}</td>
              <td data-l="">
                <span class={state === 'enough' ? 'meter' : 'meter low'}>
                  <span style={{ '--w': `${share * 100}%` }} />
                </span>
              </td>
              <td data-l="Left now" class="num">
                {left} of {most}
              </td>
              <td data-l="Refills" class="num">
                {showRate(perSecond)} a second
              </td>
              <td data-l="Waited" class="num">
                {showSeconds(waitedSeconds)}
              </td>
              <td data-l="State" class="nowrap">
                {state === 'enough' ? (
                  <span class="muted">–</span>
                ) : (
                  <StatusWord status={{ shape: 'warn', word: state === 'low' ? 'Low' : 'Calls wait' }} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
