import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ClusterCheckAnswer } from '../../api/clusters/cluster-views.ts';
import { plural, showAge } from '../format.ts';
import { Findings } from '../parts/findings.tsx';
import { Empty, Section } from '../parts/section.tsx';
import { now } from '../server/connection.ts';
import { api, bodyOf } from '../server/request.ts';

interface ClusterCheckProps {
  readonly name: string;
  readonly onClose: () => void;
}

/** What launches into a cluster need of AWS, tried with calls that change nothing. */
export function ClusterCheck({ name, onClose }: ClusterCheckProps): JSX.Element {
  const found = useSignal<{ readonly answer: ClusterCheckAnswer; readonly at: number } | null>(null);
  const problem = useSignal<string | null>(null);
  const check = async (): Promise<void> => {
    found.value = null;
    problem.value = null;
    try {
      const answer = await bodyOf(api.GET('/v1/clusters/{name}/check', { params: { path: { name } } }));
      found.value = { answer, at: Date.now() };
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
    }
  };
  useEffect(() => void check(), [name]);
  return (
    <Section
      id="check"
      title={`Check of ${name}`}
      end={found.value && `${headOf(found.value.answer)}, ${showAge(now.value - found.value.at)} ago`}
    >
      {problem.value !== null && (
        <Empty title={`${name} was not checked`}>
          <p role="alert">{problem.value}</p>
        </Empty>
      )}
      {found.value && <Findings findings={found.value.answer.checks} />}
      {problem.value === null && found.value === null && (
        <p class="card pad muted" role="status">
          AWS is being asked, with calls that change nothing…
        </p>
      )}
      <p class="btns below">
        <button
          type="button"
          class="btn"
          disabled={found.value === null && problem.value === null}
          onClick={() => void check()}
        >
          Check again
        </button>
        <button type="button" class="btn" onClick={onClose}>
          Close
        </button>
      </p>
    </Section>
  );
}

function headOf({ checks, node }: ClusterCheckAnswer): string {
  const bad = checks.filter(({ outcome }) => outcome === 'failed' || outcome === 'warning').length;
  return `${bad === 0 ? 'nothing' : plural(bad, 'thing')} to do, as ${node} sees it`;
}
