import type { JSX } from 'preact';
import { plural } from '../format.ts';
import type { IconShape } from '../status-words.ts';
import { StatusIcon } from './icons.tsx';

/** One line of a check, as the doctor and the check of a cluster answer it. */
export interface Finding {
  readonly name: string;
  readonly outcome: 'ok' | 'warning' | 'failed' | 'unchecked';
  readonly message: string;
  readonly remedy: string | null;
}

const OUTCOMES: Readonly<Record<Finding['outcome'], { readonly shape: IconShape; readonly word: string }>> = {
  failed: { shape: 'bad', word: 'Failed' },
  warning: { shape: 'warn', word: 'Warning' },
  unchecked: { shape: 'queue', word: 'Not checked' },
  ok: { shape: 'ok', word: 'Well' },
};

/** What checks have found: first what is to be done, and the well ones in one line, which opens. */
export function Findings({ findings }: { readonly findings: readonly Finding[] }): JSX.Element {
  const of = (outcome: Finding['outcome']): readonly Finding[] => findings.filter((one) => one.outcome === outcome);
  const well = of('ok');
  return (
    <ul class="wit card">
      {[...of('failed'), ...of('warning'), ...of('unchecked')].map((finding) => (
        <FindingLine key={finding.name} finding={finding} />
      ))}
      {well.length > 0 && (
        <li>
          <span class="st st-ok">
            <StatusIcon shape="ok" />
          </span>
          <b>
            {plural(well.length, 'check')} {well.length === 1 ? 'is' : 'are'} well
          </b>
          <span />
          <details>
            <summary>{well.map(({ name }) => name).join(', ')}</summary>
            <dl class="well">{well.map(({ name, message }) => [<dt key={name}>{name}</dt>, <dd>{message}</dd>])}</dl>
          </details>
        </li>
      )}
    </ul>
  );
}

function FindingLine({ finding: { name, outcome, message, remedy } }: { readonly finding: Finding }): JSX.Element {
  const { shape, word } = OUTCOMES[outcome];
  return (
    <li>
      <span class={`st st-${shape}`}>
        <StatusIcon shape={shape} />
        <span class="sr">{word}</span>
      </span>
      <b>{message}</b>
      <span class="muted">{name}</span>
      {remedy !== null && <p>{remedy}</p>}
    </li>
  );
}
