import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findServer, type DatabaseServer } from '../kit/database/database-server.ts';
import { REPORT, REPORT_PATH } from '../kit/kinds/report-wip.ts';
import { startWip } from '../testkit/start-wip.ts';
import type { StartedWip } from '../testkit/started-wip.ts';

let server: DatabaseServer;
let wip: StartedWip;
beforeAll(async () => {
  server = await findServer();
  wip = await startWip({ kinds: [REPORT], databaseUrl: server.url, speed: 60 });
});
afterAll(async () => {
  await wip.close();
  await server.close([]);
});

async function endWith(files: Record<string, string>): Promise<string> {
  const script = { processes: { write: { runsFor: 5, files } } };
  const { exitStatus, exitMessage } = await wip.until(await wip.addTask(REPORT, {}, { script }));
  return `${exitStatus}: ${exitMessage}`;
}

describe('a file that the process of a scripted agent writes', () => {
  it('is read over SSH when the process has ended', async () => {
    expect(await endWith({ [REPORT_PATH]: '3 weaknesses' })).toBe('COMPLETED: 3 weaknesses');
  });

  it('is refused where there is none, with the code that a simulation by value gives', async () => {
    expect(await endWith({})).toContain(`ERROR_USER: FILE_REFUSED: There is no file ${REPORT_PATH}`);
  });
});
