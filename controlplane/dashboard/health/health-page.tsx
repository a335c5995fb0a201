import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { DoctorAnswer, DoctorCheck } from '../../api/doctor/doctor-views.ts';
import type { TaskSummaryAnswer } from '../../api/state/state-views.ts';
import { Footer } from '../app/footer.tsx';
import { installation } from '../app/status-poll.ts';
import { plural, showAge, showClock } from '../format.ts';
import { ask } from '../parts/confirm.tsx';
import { StatusIcon } from '../parts/icons.tsx';
import { Problem, Section } from '../parts/section.tsx';
import { now } from '../server/connection.ts';
import { pollNow, usePoll } from '../server/poll.ts';
import { requestJson, RequestRefused } from '../server/request.ts';
import { mayDo } from '../server/session.ts';
import { Nodes } from './nodes.tsx';
import { Causes } from './causes.tsx';

/** The checks ask ECS, so they are made half as often as a person would look. */
const DOCTOR_MS = 30_000;
const SUMMARY_MS = 10_000;

/** Whether the installation itself is well. */
export function HealthPage(): JSX.Element {
  const doctor = useSignal<DoctorAnswer | null>(null);
  const doctorAt = useSignal(0);
  const problem = useSignal<string | null>(null);
  const summary = useSignal<TaskSummaryAnswer | null>(null);
  usePoll(async () => {
    if (!mayDo('operator')) return;
    try {
      doctor.value = await requestJson<DoctorAnswer>('GET', '/v1/doctor');
      doctorAt.value = Date.now();
      problem.value = null;
    } catch (error) {
      if (error instanceof RequestRefused) problem.value = error.message;
      throw error;
    }
  }, DOCTOR_MS);
  usePoll(
    async () => void (summary.value = await requestJson<TaskSummaryAnswer>('GET', '/v1/task-summary')),
    SUMMARY_MS,
  );
  useEffect(() => void (document.title = 'Health · Wip'), []);
  const alarms = doctor.value?.checks.filter(({ outcome }) => outcome !== 'ok') ?? [];
  return (
    <>
      <div class="head">
        <h1>Health</h1>
        {doctor.value && (
          <p class="muted">
            {alarms.length === 0 ? 'All checks are well.' : `${plural(alarms.length, 'thing')} to look at.`}
          </p>
        )}
        {mayDo('operator') && <MaintenanceButton />}
      </div>
      {problem.value !== null && <Problem what="The checks could not be made" error={problem.value} />}
      <div class={doctor.value ? 'cols even' : 'gap-b'}>
        {doctor.value && <Alarms checks={doctor.value.checks} at={doctorAt.value} />}
        {summary.value && <Causes groups={summary.value.groups} />}
      </div>
      {installation.value && <Nodes nodes={installation.value.nodes} />}
      <Footer keys={[]} />
    </>
  );
}

function Alarms({ checks, at }: { readonly checks: readonly DoctorCheck[]; readonly at: number }): JSX.Element {
  const alarms = checks.filter(({ outcome }) => outcome !== 'ok');
  const well = checks.filter(({ outcome }) => outcome === 'ok');
  return (
    <Section id="alarms" title="Alarms" end={`${plural(checks.length, 'check')}, ${showAge(now.value - at)} ago`}>
      <ul class="wit card">
        {alarms.map(({ name, outcome, said, remedy }) => (
          <li key={name}>
            <span class={outcome === 'failed' ? 'st st-bad' : 'st st-warn'}>
              <StatusIcon shape={outcome === 'failed' ? 'bad' : 'warn'} />
              <span class="sr">{outcome === 'failed' ? 'Failed' : 'Warning'}</span>
            </span>
            <b>{said}</b>
            <span class="muted">{name}</span>
            <p>{remedy}</p>
          </li>
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
            <p>{well.map(({ name }) => name).join(', ')}.</p>
          </li>
        )}
      </ul>
    </Section>
  );
}

function MaintenanceButton(): JSX.Element {
  const maintenance = installation.value?.maintenance;
  const change = async (method: 'PUT' | 'DELETE', body?: unknown): Promise<void> => {
    await requestJson(method, '/v1/state/maintenance', body);
    pollNow();
  };
  return (
    <div class="btns end">
      {maintenance?.isOn ? (
        <button type="button" class="btn main" onClick={() => void change('DELETE').catch(() => undefined)}>
          End the maintenance of {maintenance.since === null ? 'today' : showClock(maintenance.since)}
        </button>
      ) : (
        <button
          type="button"
          class="btn"
          onClick={() =>
            ask({
              title: 'Start a maintenance?',
              text: 'New tasks are refused until it ends. What runs goes on.',
              action: 'Start',
              isDangerous: false,
              input: { label: 'Reason', initial: '', kind: 'text' },
              run: (reason) => change('PUT', { reason }),
            })
          }
        >
          Start a maintenance…
        </button>
      )}
    </div>
  );
}
