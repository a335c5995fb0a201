import { describe, expect, it } from 'vitest';
import { findStepHeaders, printStepHeader } from '../../../shared/protocol/step-header.ts';
import { buildSteps, decidePhase, failedStep } from '../../../controlplane/api/tasks/build/build-progress.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { BASIC_TABLE } from '../../../controlplane/tasks/basic-wip.ts';
import { BUILD_STEPS_TABLE } from '../../../controlplane/tasks/build/build-steps-table.ts';
import { decideStateBlocks } from '../../../controlplane/tasks/checks/state-blocks.ts';

const AT = '2026-11-28T12:00:00.000Z';
const LATER = '2026-11-28T12:00:09.000Z';
const END = '2026-11-28T12:01:00.000Z';

describe('the phase of a task', () => {
  const blocks = decideStateBlocks(parseStateTable(BUILD_STEPS_TABLE));
  const calm = { status: 'WAITING', isTerminating: false } as const;

  it.each([
    ['start', 'starting'],
    ['containerWipInvoke', 'starting'],
    ['containerWipCheckResources', 'starting'],
    ['exportBuildFileAsJson', 'running'],
    ['executeBuildScript', 'running'],
    ['noBuildProgress', 'running'],
    ['containerTerminated', 'ending'],
    ['containerWipRelease', 'ending'],
    ['failure', 'ending'],
  ])('of a build in the state %s is %s', (state, phase) => {
    expect(decidePhase({ ...calm, state }, blocks)).toBe(phase);
  });

  it('is queued before the start, ended after the end, and ending from the request to terminate on', () => {
    expect(decidePhase({ ...calm, status: 'RESTARTED', state: null }, blocks)).toBe('queued');
    expect(decidePhase({ ...calm, status: 'COMPLETE', state: 'finish' }, blocks)).toBe('ended');
    expect(decidePhase({ ...calm, state: 'executeBuildScript', isTerminating: true }, blocks)).toBe('ending');
  });

  it('of a task without a container, or of an unknown kind, is running once it is in a state', () => {
    const basic = decideStateBlocks(parseStateTable(BASIC_TABLE));
    expect([...basic.values()]).toEqual(['work', 'work', 'work']);
    expect(decidePhase({ ...calm, state: 'start' }, basic)).toBe('running');
    expect(decidePhase({ ...calm, state: 'anything' }, undefined)).toBe('running');
  });
});

describe('the steps of a build', () => {
  const header = { event: 'build', number: 1, of: 2, name: 'fetch', offset: 1, at: AT };
  const headers = [header, { ...header, number: 2, name: 'test', offset: 900, at: LATER }];

  it('are those of the headers in its output while it runs, each ended by the next', () => {
    const steps = buildSteps(undefined, headers, null);
    expect(steps).toMatchObject([
      { number: 1, name: 'fetch', startedAt: AT, endedAt: LATER, exitCode: null, offset: 1 },
      { number: 2, of: 2, name: 'test', startedAt: LATER, endedAt: null },
    ]);
    expect(failedStep(undefined, steps, false)).toBeNull();
  });

  it('name the step that was under way when its container was gone', () => {
    const steps = buildSteps(undefined, headers, END);
    expect(failedStep(undefined, steps, true)).toMatchObject({
      number: 2,
      name: 'test',
      exitCode: null,
      command: null,
    });
  });

  it('are those of the record once there is one, with the command that failed', () => {
    const done = { event: 'build', line: 4, command: null, sentence: null, startedAt: AT, endedAt: LATER };
    const noted = [
      { ...done, name: 'fetch', exitCode: 0, offset: 1 },
      { ...done, name: 'test', exitCode: 2, offset: 950, line: 9, command: 'false', sentence: 'false failed.' },
      { ...done, event: 'fail-on-build', name: 'notify', exitCode: 1, offset: 990 },
    ];
    const steps = buildSteps(noted, headers, END);
    expect(steps.map(({ number, of, exitCode }) => [number, of, exitCode])).toEqual([
      [1, 2, 0],
      [2, 2, 2],
      [1, null, 1],
    ]);
    expect(failedStep(noted, steps, true)).toEqual({
      ...{ event: 'build', number: 2, of: 2, name: 'test', line: 9, command: 'false', exitCode: 2, offset: 950 },
      sentence: 'false failed.',
    });
  });
});

describe('the headers of steps in a piece of output', () => {
  const find = (text: string) => findStepHeaders({ offset: 100, data: Buffer.from(text) });

  it('are found with their place in the stream, counted in bytes', () => {
    const header = { event: 'build', number: 2, of: 4, name: 'prüfen' };
    expect(find(`ä\n${printStepHeader(header)}$ make\n`)).toEqual([{ ...header, offset: 103 }]);
  });

  it('are whole lines that name an event', () => {
    expect(find('x === build: step 1 of 1: a\n=== nothing: step 1 of 1: a\n')).toEqual([]);
  });
});
