import type { JSX } from 'preact';
import { plural, showBytes, showInstant } from '../../format.ts';
import { StatusIcon } from '../../parts/icons.tsx';
import { connection, now } from '../../server/connection.ts';
import type { LogControls } from './log-controls.ts';
import type { TaskData } from '../task-data.ts';

interface LogEndProps {
  readonly log: LogControls;
  readonly data: TaskData;
  readonly isLive: boolean;
}

/** Whether the output is complete, and how much there is. */
export function LogEnd({ log, data, isLive }: LogEndProps): JSX.Element {
  const { output } = data;
  void data.outputVersion.value; // the store itself is no signal
  const omitted = Math.max(output.omittedBytes, data.task.value?.usage?.outputOmittedBytes ?? 0);
  const newLines = log.newLines.value;
  return (
    <div class="out-end">
      {omitted > 0 && (
        <span class="st st-warn">
          <StatusIcon shape="warn" />
          {showBytes(omitted)} not kept
        </span>
      )}
      {isLive && connection.value === 'live' && (
        <span class="st st-run">
          <StatusIcon shape="run" />
          Live
        </span>
      )}
      {!isLive && omitted === 0 && data.isComplete.value && (
        <span class="st st-ok">
          <StatusIcon shape="ok" />
          Complete
        </span>
      )}
      <span>{plural(output.count, 'line')}</span>
      <span>{showBytes(output.bytes)}</span>
      {isLive && !log.isFollowing.value && newLines > 0 && (
        <button type="button" class="btn" onClick={() => void (log.isFollowing.value = true)}>
          {plural(newLines, 'new line')}
        </button>
      )}
      {!isLive && <span class="end">ended {showInstant(data.task.value?.completedAt ?? null, now.value)}</span>}
    </div>
  );
}
