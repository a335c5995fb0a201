import { describe, expect, it } from 'vitest';
import type { TaskView } from '../../../controlplane/api/tasks/task-views.ts';
import type { OutputSection } from '../../../controlplane/dashboard/task/output/output-lines.ts';
import { sectionEnd } from '../../../controlplane/dashboard/task/section-end.ts';

const OPEN: OutputSection = {
  ...{ key: '1:build:2:9', event: 'build', number: 2, of: 2, name: 'fill', from: 9 },
  ...{ outcome: 'running', took: null, exitCode: null },
};
type Step = TaskView['steps'][number];
const STEP: Step = {
  ...{ event: 'build', number: 2, of: 2, name: 'fill', line: null, command: null, exitCode: null, offset: 1 },
  ...{ startedAt: '2026-11-28T12:00:00Z', endedAt: '2026-11-28T12:00:04Z', outcome: 'lost' },
};
const task = (exitStatus: TaskView['exitStatus'], step: Partial<Step> = {}) => ({
  status: 'COMPLETE' as const,
  exitStatus,
  steps: [{ ...STEP, ...step }],
});
const over = { isComplete: true, isLatest: true };

describe('a step in the output', () => {
  it('that was cut off did not end: as a failure, or as what somebody asked for', () => {
    expect(sectionEnd(OPEN, { ...over, task: task('ERROR_USER') })).toEqual({
      ...{ shape: 'bad', word: 'Did not end', took: 'did not end' },
    });
    expect(sectionEnd(OPEN, { ...over, task: task('TERMINATED') }).shape).toBe('term');
  });

  it('is what the task says when the mark of its end was lost with other output', () => {
    const facts = { ...over, task: task('COMPLETED', { outcome: 'done' }) };
    expect(sectionEnd(OPEN, facts)).toMatchObject({ shape: 'ok', word: 'Succeeded', took: '4.0\u00a0s' });
    expect(sectionEnd(OPEN, { ...facts, isLatest: false }).word).toBe('Did not end');
  });

  it('is what its own mark says where there is one, and runs while nobody says otherwise', () => {
    const closed: OutputSection = { ...OPEN, outcome: 'failed', took: '0.3 s' };
    expect(sectionEnd(closed, { ...over, task: task('ERROR_USER') })).toMatchObject({ word: 'Failed', took: '0.3 s' });
    expect(sectionEnd(OPEN, { isComplete: false, isLatest: true, task: null }).word).toBe('Running');
  });
});
