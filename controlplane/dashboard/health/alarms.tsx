import type { JSX } from 'preact';
import { plural, showAge } from '../format.ts';
import { Findings } from '../parts/findings.tsx';
import { Problem, Section } from '../parts/section.tsx';
import { now } from '../server/connection.ts';
import { usePolled } from '../server/poll.ts';
import { api, bodyOf } from '../server/request.ts';

/** The checks ask ECS, so they are made half as often as a person would look. */
const DOCTOR_MS = 30_000;

interface AlarmsProps {
  /** Called with the number of checks that did not go well. */
  readonly onAlarms: (count: number) => void;
}

/** What the doctor finds. Its checks take seconds where a service does not answer. */
export function Alarms({ onAlarms }: AlarmsProps): JSX.Element {
  const { value, at, problem } = usePolled(async () => {
    const answer = await bodyOf(api.GET('/v1/doctor'));
    onAlarms(answer.checks.filter(({ outcome }) => outcome !== 'ok').length);
    return answer;
  }, DOCTOR_MS);
  if (problem !== null) return <Problem what="The checks could not be made" error={problem} />;
  if (value === null) {
    return (
      <Section id="alarms" title="Alarms">
        <p class="card pad muted late">The checks are being made…</p>
      </Section>
    );
  }
  const { checks, node } = value;
  return (
    <Section
      id="alarms"
      title="Alarms"
      end={`${plural(checks.length, 'check')} by ${node}, ${showAge(now.value - at)} ago`}
    >
      <Findings findings={checks} />
    </Section>
  );
}
