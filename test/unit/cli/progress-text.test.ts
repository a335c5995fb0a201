import { describe, expect, it } from 'vitest';
import { TaskView } from '../../../controlplane/api/tasks/task-views.ts';
import { progressText } from '../../../controlplane/cli/output/progress-text.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';

const NOW = new Date('2026-11-28T12:01:00.000Z');
const SINCE = '2026-11-28T12:00:29.000Z';

async function textOf(facts: Partial<TaskView>): Promise<string> {
  const services = new MemoryServices();
  const { id } = await services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
  const task = { ...services.tasks.get(id)!.facts, why: '', stateSince: SINCE, ...facts };
  return progressText(TaskView.parse(task), NOW);
}

const STARTED: Partial<TaskView> = { status: 'WAITING', startedAt: SINCE };
const WAITING = { code: 'x', last: null, count: null, until: null, evidence: [], since: SINCE };

describe('the live line of a task', () => {
  it.each<[string, Partial<TaskView>]>([
    ['waiting for its turn for 31 s', {}],
    [
      'waiting for 31 s: Its group already runs 3 of 3 tasks.',
      { waiting: { ...WAITING, sentence: 'Its group already runs 3 of 3 tasks.', remedy: null } },
    ],
    ['starting (containerWipInvoke) for 31 s', { ...STARTED, phase: 'starting', state: 'containerWipInvoke' }],
    [
      'waiting for 31 s: ECS refuses it.',
      {
        ...STARTED,
        phase: 'starting',
        state: 'containerWipInvoke',
        waiting: { ...WAITING, sentence: 'ECS refuses it.', remedy: 'Give it the right.' },
      },
    ],
    [
      'running step 2 of 4 "test" for 31 s',
      { ...STARTED, phase: 'running', state: 'work', step: { number: 2, of: 4, name: 'test', since: SINCE } },
    ],
    ['running (work) for 31 s', { ...STARTED, phase: 'running', state: 'work' }],
    ['ending (stop) for 31 s', { ...STARTED, phase: 'ending', state: 'stop' }],
    ['being terminated for 31 s', { ...STARTED, isTerminating: true }],
    ['paused for 31 s', { isPaused: true }],
    ['waiting for its turn for 0 s', { stateSince: '2026-11-28T12:01:05.000Z' }],
    ['ended', { status: 'COMPLETE' }],
  ])('says: %s', async (text, facts) => {
    expect(await textOf(facts)).toBe(text);
  });
});
