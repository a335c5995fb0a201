import { describe, expect, it } from 'vitest';
import { TaskView } from '../../../controlplane/api/tasks/task-views.ts';
import { FAULT_LABELS } from '../../../controlplane/dashboard/fault-labels.ts';
import { RUNNING_ATTEMPT } from '../../kit/agent/running-attempt.ts';
import { FAULT_WORDS, taskFields } from '../../../controlplane/cli/output/task-fields.ts';
import { taskText } from '../../../controlplane/cli/output/task-text.ts';

const AT = '2026-11-28T12:00:00.000Z';
const NOW = new Date('2026-11-28T12:10:00.000Z');

function taskOf(more: Partial<TaskView>): TaskView {
  return TaskView.parse({
    ...{ id: 7, uuid: 'u', title: 'Build of main', kind: 'BuildSteps', group: 'shop', priority: 'MEDIUM' },
    ...{
      status: 'COMPLETE',
      state: 'finish',
      exitStatus: 'ERROR_USER',
      exitMessage: null,
      cause: null,
      why: 'It failed.',
    },
    ...{ waitsBecause: null, isPaused: false, isTerminating: false, createdBy: 'ana', createdAt: AT, startedAt: AT },
    ...{
      completedAt: AT,
      wakeAt: null,
      phase: 'ended',
      exitDetail: null,
      clientJobId: null,
      usage: null,
      attempts: [],
    },
    options: {},
    ...more,
  });
}

function fieldsOf(more: Partial<TaskView>): Map<string, readonly string[]> {
  return new Map(taskFields({ task: taskOf(more), queue: null }, NOW));
}

function shownOf(exitDetail: string): string[] {
  const screen = { now: NOW, columns: undefined, paint: (_: unknown, text: string) => text };
  return taskText({ task: taskOf({ exitDetail }), queue: null }, screen)
    .trimEnd()
    .split('\n');
}

const PLACE = { event: 'build', number: 1, of: 1, name: 'fill', line: null, command: null, exitCode: null, offset: 1 };
const STEP = { ...PLACE, startedAt: AT, endedAt: '2026-11-28T12:00:05.000Z', outcome: 'lost' as const };

describe('wipctl show', () => {
  it('says of a step that was cut off that it did not end, with no time of its own', () => {
    const fields = fieldsOf({ steps: [STEP], failedStep: { ...PLACE, sentence: null } });
    expect(fields.get('Steps')).toEqual(['1 fill: did not end']);
    expect(fields.get('Failed at')).toEqual(['step 1 of 1 "fill", which did not end']);
  });

  it('does not call a build that runs one that waits, nor its looks tries', () => {
    const waiting = {
      ...{ code: 'process-running', sentence: 'Its process is running in the container.', since: AT, until: null },
      ...{ last: null, count: null, remedy: null, evidence: [] },
    };
    const fields = fieldsOf({ status: 'WAITING', exitStatus: 'NOT_FINISHED', completedAt: null, waiting });
    expect(fields.get('Waits since')).toBeUndefined();
  });

  it('says who terminated a task, and whose fault an end was in the words of the dashboard', () => {
    const fields = fieldsOf({ terminateRequest: { at: AT, by: 'ana' }, cause: 'build-failed', fault: 'user' });
    expect(fields.get('Terminated')).toEqual([`asked for at ${AT} by ana`]);
    expect(fields.get('Cause')).toEqual(['build-failed, fault: the build']);
    expect(FAULT_WORDS).toEqual(FAULT_LABELS);
  });

  it('says of a container that ECS has not accepted its stop, also when its task has ended', () => {
    const stopFailure = { since: AT, at: AT, sentence: 'StopTask failed: Cluster not found.' };
    const fields = fieldsOf({ attempts: [{ ...RUNNING_ATTEMPT, stopFailure }] });
    expect(fields.get('Container 1')).toContain(
      `ECS has not accepted its stop since ${AT}: StopTask failed: Cluster not found.`,
    );
  });

  it('says how long a step took that ended, and that one runs', () => {
    const failed = { ...STEP, exitCode: 3, outcome: 'failed' as const };
    expect(fieldsOf({ steps: [failed] }).get('Steps')).toEqual(['1 fill: failed after 5 s']);
    const running = { ...STEP, endedAt: null, outcome: 'running' as const };
    expect(fieldsOf({ status: 'WAITING', steps: [running] }).get('Steps')).toEqual(['1 fill: running for 10 min']);
  });

  it('keeps the sentence why on the screen: of a detail of 300 lines it shows the last 40, and where all are', () => {
    const lines = Array.from({ length: 300 }, (_, index) => `line ${index + 1}`);
    const shown = shownOf(lines.join('\n'));
    expect(shown.length).toBeLessThan(60);
    expect(shown.slice(-41)).toEqual([
      '  Detail, the last 40 of 300 lines (all: wipctl show 7 --json)',
      ...lines.slice(-40).map((line) => `    ${line}`),
    ]);
    expect(shownOf(lines.slice(0, 41).join('\n')).slice(-42)).toEqual([
      '  Detail',
      ...lines.slice(0, 41).map((line) => `    ${line}`),
    ]);
  });
});
