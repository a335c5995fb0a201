import { describe, expect, it } from 'vitest';
import { findLeft, type FoundProcess } from '../../../agent/build/left-processes.ts';

const TRAITS = { sessionIds: new Set([50]), mark: 'ours', ownPid: 20 };

function running(pid: number, parentPid: number, sessionId: number, mark?: string): FoundProcess {
  return { pid, parentPid, sessionId, isZombie: false, mark };
}

describe('what the steps left running', () => {
  it('is what is in a session of a step, what has the mark, and all that these started', () => {
    const table = [
      running(1, 0, 1),
      running(10, 1, 10, 'ours'), // started the build tool
      running(20, 10, 10, 'ours'), // the build tool itself
      running(51, 1, 50), // emptied its environment
      running(60, 1, 60, 'ours'), // left its session
      running(61, 60, 61),
      running(62, 61, 62),
      running(70, 1, 70, 'of another build'),
      running(80, 20, 80), // a git of the build tool
      { ...running(90, 1, 50), isZombie: true },
    ];
    expect(findLeft(table, TRAITS)).toEqual([51, 60, 61, 62]);
  });

  it('is known by the sessions alone where there is no agent', () => {
    const table = [running(20, 1, 20), running(51, 1, 50), running(60, 1, 60)];
    expect(findLeft(table, { ...TRAITS, mark: undefined })).toEqual([51]);
  });
});
