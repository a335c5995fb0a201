import { describe, expect, it } from 'vitest';
import { findLeft, type FoundProcess } from '../../../agent/build/step/left-processes.ts';

const TRAITS = { sessionIds: new Set([50]), mark: 'ours', ownPid: 20, adopterPid: null, sinceTicks: 40 };

function running(pid: number, parentPid: number, sessionId: number, mark?: string): FoundProcess {
  return { pid, parentPid, sessionId, isZombie: false, startTicks: pid, uid: 1_000, mark };
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

  it('is also, in a container of its own, what the kernel gave to process 1 since the steps began', () => {
    const table = [
      running(1, 0, 1),
      running(5, 1, 5), // was there before the build
      running(10, 1, 10), // the agent
      running(20, 10, 20),
      running(30, 10, 30), // a session of a developer
      running(35, 1, 35), // came while the build tool waited for its command
      running(60, 1, 60), // a daemon without session, mark and parent
      running(61, 60, 60),
      { ...running(70, 1, 70), uid: 0 },
    ];
    expect(findLeft(table, { ...TRAITS, adopterPid: 1 })).toEqual([60, 61]);
    expect(findLeft(table, TRAITS)).toEqual([]);
  });
});
