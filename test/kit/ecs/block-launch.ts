import type { WaitReason } from '../../../controlplane/containers/wait-reason.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { startedTask } from '../database/store.ts';

/** Adds a task that has waited for its launch for so long. */
export async function blockLaunch(db: Db, { code, seconds }: { code: string; seconds: number }): Promise<void> {
  const clause = 'ECS does not allow this';
  const waitReason: WaitReason = {
    code,
    clause,
    since: new Date(Date.now() - seconds * 1000).toISOString(),
    last: new Date().toISOString(),
    count: 3,
    remedy: 'Give them the rights',
    evidence: [],
    until: null,
    isForRoom: true,
  };
  const task = await startedTask(db);
  await saveStep(db, task, { next: { kind: 'wait', seconds: 60, isCutBySignals: true, waitsFor: clause, waitReason } });
}
