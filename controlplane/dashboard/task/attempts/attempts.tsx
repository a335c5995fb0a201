import type { JSX } from 'preact';
import type { AttemptDetail } from '../../../api/tasks/task-detail-views.ts';
import { showInstant } from '../../format.ts';
import { CommandLine } from '../../parts/command.tsx';
import { Section } from '../../parts/section.tsx';
import { now } from '../../server/connection.ts';
import type { TaskView } from '../../../api/tasks/task-views.ts';
import { commandsOf } from '../commands.ts';
import { refusedStopText } from './refused-stop.ts';
import type { TaskData } from '../task-data.ts';

const COLUMNS = ['Attempt', 'Container', 'Launched', 'Running', 'Ready', 'SSH proved', 'Ended', 'Cause'] as const;

/** The containers of the task side by side, and what can be asked of the last. */
export function Attempts({ task, data }: { readonly task: TaskView; readonly data: TaskData }): JSX.Element {
  const attempts = data.attempts.value;
  return (
    <Section id="attempts" title="Attempts" end={attempts.length === 0 ? 'no container was launched yet' : undefined}>
      <div class="card">
        {attempts.length > 0 && (
          <div class="tbl-wrap" tabIndex={0} role="region" aria-label="Attempts">
            <table class="tbl">
              <thead>
                <tr>
                  {COLUMNS.map((name) => (
                    <th key={name}>{name}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {attempts.map((attempt) => (
                  <AttemptRow key={attempt.uuid} attempt={attempt} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        <div class="cmds">
          {commandsOf(task, attempts.at(-1)).map(({ title, command }) => (
            <CommandLine key={title} title={title} command={command} />
          ))}
        </div>
      </div>
    </Section>
  );
}

function AttemptRow({ attempt }: { readonly attempt: AttemptDetail }): JSX.Element {
  const times = [
    ['Launched', attempt.launchedAt],
    ['Running', attempt.runningAt],
    ['Ready', attempt.readyAt],
    ['SSH proved', attempt.sshVerifiedAt],
    ['Ended', attempt.endedAt],
  ] as const;
  const refusedStop = refusedStopText(attempt, now.value);
  const definition = attempt.taskDefinition?.split('/').at(-1) ?? '–';
  return (
    <tr>
      <td data-l="Attempt" class="nowrap">
        {attempt.number} · {attempt.state}
      </td>
      <td data-l="Container">
        <span class="mono">{attempt.taskArn?.split('/').at(-1) ?? '–'}</span>
        <br />
        <span class="muted">
          {definition} · agent {attempt.agentVersion ?? '–'}
        </span>
      </td>
      {times.map(([name, at]) => (
        <td key={name} data-l={name} class="nowrap">
          {showInstant(at, now.value)}
        </td>
      ))}
      <td data-l="Cause" class={refusedStop === null ? 'nowrap' : undefined}>
        {attempt.cause ?? refusedStop ?? '–'}
      </td>
    </tr>
  );
}
