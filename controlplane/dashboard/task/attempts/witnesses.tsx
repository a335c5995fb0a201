import type { JSX } from 'preact';
import type { AttemptDetail } from '../../../api/tasks/task-detail-views.ts';
import { showAge } from '../../format.ts';
import { StatusIcon } from '../../parts/icons.tsx';
import { Section } from '../../parts/section.tsx';
import { now } from '../../server/connection.ts';
import { mayDo } from '../../server/session.ts';
import type { StatusShape } from '../../status-words.ts';
import { refusedStopText } from './refused-stop.ts';
import type { TaskData } from '../task-data.ts';
import { VERDICT_WORDS } from './verdict-words.ts';

interface Witness {
  readonly name: string;
  readonly said: string;
  readonly at: string | null;
  readonly shape: StatusShape;
}

/** What agent, ECS and SSH last said of the container, and how long ago. */
export function Witnesses({ data }: { readonly data: TaskData }): JSX.Element | null {
  const attempt = data.attempts.value.at(-1);
  if (!attempt) return null;
  return (
    <Section id="witnesses" title="Three witnesses">
      <ul class="wit card">
        {attempt.verdict !== null && (
          <li>
            <span class={`st st-${VERDICT_WORDS[attempt.verdict].shape}`}>
              <StatusIcon shape={VERDICT_WORDS[attempt.verdict].shape} />
            </span>
            <b class="all">Together they prove: {VERDICT_WORDS[attempt.verdict].words}.</b>
          </li>
        )}
        {witnessesOf(attempt).map(({ name, said, at, shape }) => (
          <li key={name}>
            <span class={`st st-${shape}`}>
              <StatusIcon shape={shape} />
            </span>
            <b>{name}</b>
            <time>{at === null ? '–' : `${showAge(now.value - Date.parse(at))} ago`}</time>
            <p>{said}</p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function witnessesOf(attempt: AttemptDetail): Witness[] {
  const { agentSeenAt, ecsSeenAt, sshProvenAt: provenAt, ecsWitness, sshWitness, endedAt } = attempt;
  const snapshot = (ecsWitness?.['look'] ?? {}) as Readonly<Record<string, unknown>>;
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
  const failure = text(sshWitness?.['failure']);
  const refusedStop = refusedStopText(attempt, now.value);
  const hidden = mayDo('operator') ? 'Nothing yet.' : 'Operators see what it said.';
  return [
    {
      name: 'Agent',
      said:
        agentSeenAt === null
          ? 'Nothing yet.'
          : `Its last word of any kind${endedAt === null ? '' : ' before the end'}.`,
      at: agentSeenAt,
      shape: agentSeenAt === null ? 'queue' : 'ok',
    },
    {
      name: 'ECS',
      said:
        [text(snapshot['lastStatus']), text(snapshot['stoppedReason']), refusedStop]
          .filter((part) => part !== null)
          .join('. ') || hidden,
      at: ecsSeenAt,
      shape: refusedStop !== null ? 'warn' : ecsSeenAt === null ? 'queue' : 'ok',
    },
    {
      name: 'SSH',
      said:
        failure === null
          ? provenAt === null
            ? hidden
            : 'Proved: the host key is that of this container.'
          : `It failed: ${failure}.`,
      at: provenAt,
      shape: failure !== null ? 'warn' : provenAt === null ? 'queue' : 'ok',
    },
  ];
}
