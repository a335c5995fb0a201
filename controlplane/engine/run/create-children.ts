import { OperationalError } from '../../../shared/model/error.ts';
import { exitStatusOf, taskStatusOf } from '../../../shared/model/status.ts';
import type { TaskLease } from '../../store/tasks/leases.ts';
import type { ChildTask, NewChild } from '../../tasks/context.ts';
import type { EffectScope } from '../../tasks/agent-access.ts';
import { LeaveTask, type StepDeps } from '../engine-deps.ts';
import { parseEffect } from '../given-effect.ts';
import { GivenTask, prepareTask, type PrepareTaskDeps } from '../prepare-task.ts';

export interface Children {
  add(name: string, task: NewChild, scope: EffectScope): Promise<number>;
  list(): Promise<readonly ChildTask[]>;
}

/** Returns the children of one step's task: those it has added before, and a way to add more. */
export function createChildren(
  deps: Pick<StepDeps, 'store' | 'identities' | 'failpoint'> & PrepareTaskDeps,
  { lease, effectKey }: { lease: TaskLease; effectKey: (scope: EffectScope, name: string) => string },
): Children {
  return {
    async add(name, child, scope) {
      const given = parseEffect({ kind: 'child', name, scope }, GivenTask, child);
      const key = effectKey(scope, `add ${name}`);
      const task = prepareTask(deps, given, deps.identities.taskUuid());
      await deps.failpoint('before-child-added', name);
      const outcome = await deps.store.addChild(lease, { effect: { key, name, scope, request: task.kind }, task });
      if (outcome.kind === 'lost') throw new LeaveTask('lost');
      if (outcome.kind === 'work-held') throw heldWork(name, outcome.by);
      await deps.failpoint('after-child-added', name);
      return outcome.id;
    },
    async list() {
      const rows = await deps.store.listChildren(lease.id);
      return rows.map((row) => ({
        ...row,
        status: taskStatusOf(row.status),
        exitStatus: exitStatusOf(row.exitStatus),
      }));
    },
  };
}

function heldWork(name: string, by: number): OperationalError {
  return new OperationalError('OPTIONS_INVALID', {
    happened: `The child "${name}" would wait for ever: task ${by}, which it is a child of, works on the same target`,
    remedy: 'Give it a work id of its own',
  });
}
