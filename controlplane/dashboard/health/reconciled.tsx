import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ReconcileReportView } from '../../api/state/state-views.ts';
import { showAge, showCount, showInstant } from '../format.ts';
import { StatusIcon, StatusWord } from '../parts/icons.tsx';
import { Problem, Section } from '../parts/section.tsx';
import { now } from '../server/connection.ts';
import { usePolled } from '../server/poll.ts';
import { api, bodyOf } from '../server/request.ts';
import { mayDo } from '../server/session.ts';
import { foundLines, isClean, type FoundLine } from './found-lines.ts';

/** The reports change when a node starts. */
const REPORTS_MS = 10_000;
/** More containers than these are in the answer of the API. */
const SHOWN = 20;

/** What each node found of the installation's containers at its start, and, when somebody asks, what is there now. */
export function Reconciled(): JSX.Element | null {
  const latest = useSignal<ReconcileReportView | null>(null);
  const refusal = useSignal<string | null>(null);
  const isComparing = useSignal(false);
  const starts = usePolled(() => bodyOf(api.GET('/v1/reconcile')), REPORTS_MS);
  const compare = async (): Promise<void> => {
    isComparing.value = true;
    try {
      latest.value = await bodyOf(api.POST('/v1/reconcile'));
      refusal.value = null;
    } catch (error) {
      refusal.value = error instanceof Error ? error.message : String(error);
    } finally {
      isComparing.value = false;
    }
  };
  const problem = refusal.value ?? starts.problem;
  if (starts.value === null && problem === null) return null;
  const atStarts = starts.value?.reports ?? [];
  const reports = latest.value ? [latest.value, ...atStarts] : atStarts;
  return (
    <Section
      id="reconciled"
      title="Reconciled with ECS"
      end={
        mayDo('operator') && (
          <button type="button" class="btn" disabled={isComparing.value} onClick={() => void compare()}>
            {isComparing.value ? 'Comparing…' : 'Compare now'}
          </button>
        )
      }
    >
      {problem !== null && <Problem what="The record was not compared with ECS" error={problem} />}
      {reports.length === 0 && problem === null && (
        <p class="card pad muted">No living node has reported its start yet.</p>
      )}
      {reports.map((report) => (
        <Report key={`${report.node} ${report.at}`} report={report} isOfStart={report !== latest.value} />
      ))}
    </Section>
  );
}

interface ReportProps {
  readonly report: ReconcileReportView;
  readonly isOfStart: boolean;
}

function Report({ report, isOfStart }: ReportProps): JSX.Element {
  const { node, at, unseenClusters } = report;
  const isWell = isClean(report);
  return (
    <details class="card report" open={!isOfStart || !isWell}>
      <summary>
        <span class={`st st-${isWell ? 'ok' : 'warn'}`}>
          <StatusIcon shape={isWell ? 'ok' : 'warn'} />
          <span class="sr">{isWell ? 'Well' : 'To look at'}</span>
        </span>{' '}
        {isOfStart ? 'At the start of ' : 'Asked of '}
        <b class="mono">{node}</b>, {showInstant(at, now.value)}
        <span class="muted"> · {showAge(now.value - Date.parse(at))} ago</span>
      </summary>
      <div class="tbl-wrap" tabIndex={0} role="region" aria-label={`What ${node} found`}>
        <table class="tbl">
          <thead>
            <tr>
              <th>Found</th>
              <th class="num">Containers</th>
              <th>Done</th>
            </tr>
          </thead>
          <tbody>
            {foundLines(report).map((line) => (
              <tr key={line.found}>
                <td data-l="Found">{line.found}</td>
                <td data-l="Containers" class="num">
                  {showCount(line.count)}
                </td>
                <td data-l="Done">
                  {line.done}
                  <Containers line={line} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {unseenClusters.map((name) => (
        <p key={name} class="below">
          <StatusWord status={{ shape: 'warn', word: `The tasks of the cluster ${name} could not be listed.` }} />
        </p>
      ))}
    </details>
  );
}

function Containers({ line: { containers, count } }: { readonly line: FoundLine }): JSX.Element | null {
  if (containers.length === 0) return null;
  return (
    <ul class="found">
      {containers.slice(0, SHOWN).map(({ task, attempt, arn, cluster }) => (
        <li key={`${task} ${attempt} ${arn}`}>
          <a class="link" href={`/tasks/${task}`}>
            task {task}
          </a>
          , attempt {attempt} on {cluster}
          {arn !== null && <span class="mono"> {arn.slice(arn.lastIndexOf('/') + 1)}</span>}
        </li>
      ))}
      {count > SHOWN && <li>and {showCount(count - SHOWN)} more</li>}
    </ul>
  );
}
