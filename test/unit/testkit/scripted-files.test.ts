import { describe, expect, it } from 'vitest';
import { REPORT, REPORT_PATH } from '../../kit/kinds/report-wip.ts';
import { simulateScript } from '../../testkit/simulate-task.ts';
import type { TaskScript } from '../../testkit/script.ts';

const exitOf = async (script: TaskScript) => (await simulateScript(REPORT, script)).exit;
const files = { [REPORT_PATH]: '3 weaknesses' };

describe('a file that a scripted process writes', () => {
  it('is there for the task when the process has ended', async () => {
    expect(await exitOf({ processes: { write: { runsFor: '3 m', files } } })).toEqual({
      status: 'COMPLETED',
      message: '3 weaknesses',
    });
  });

  it('is refused in the words of the agent where there is none', async () => {
    const { message } = await exitOf({ processes: { write: { files: { '/srv/other.txt': 'x' } } } });
    expect(message).toContain(`FILE_REFUSED: There is no file ${REPORT_PATH} in this container`);
  });

  it('is not there of a process that never ended by itself', async () => {
    await expect(exitOf({ processes: { write: { runsFor: 'forever', files } } })).rejects.toThrow(
      'processes.write.files: is an object, and runsFor is "forever": its files are there when it ends, and it has no end of its own',
    );
  });
});

describe('a call that reads a file', () => {
  it('fails as its script says, like every other call to the agent', async () => {
    const run = await simulateScript(REPORT, {
      processes: { write: { files } },
      interactions: [{ call: 'readFile', fails: 'timeout', times: 2 }],
    });
    expect(run.exit.message).toBe('3 weaknesses');
    expect(run.rowsTaken).toContain('read again');
  });

  it('fails where every call of a state does', async () => {
    const script: TaskScript = {
      processes: { write: { files } },
      interactions: [{ at: 'read', fails: 'FILE_REFUSED' }],
    };
    expect((await exitOf(script)).message).toContain('as the script of the test says');
  });
});
