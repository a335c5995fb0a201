import { requestOf } from './request-of.ts';
import { taskRow } from './record/stored-task.ts';
import { answerOf, type StoredEffect } from './record/effects.ts';
import type { EffectScope } from '../../controlplane/tasks/agent-access.ts';
import type { Delivery } from '../../controlplane/tasks/outgoing-request.ts';
import { exitStatusOf, taskStatusOf } from '../../shared/model/status.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import type { RunChild, RunDelivery, RunEffect } from './simulated-run.ts';
import type { World } from './world/world.ts';

export function effectsOf(world: World): RunEffect[] {
  return world.record.effects.all().map((effect) => ({
    key: effect.key,
    name: effect.name,
    kind: effect.kind,
    scope: effect.scope as EffectScope,
    state: effect.state,
    times: timesOf(world, effect),
  }));
}

/** Returns how often the outside has seen the effect, counted there and not in the record. */
function timesOf(world: World, effect: StoredEffect): number {
  const { containers } = world.ecs;
  switch (effect.kind) {
    case 'process':
      return containers.flatMap(({ processes }) => processes).filter(({ facts }) => facts.key === effect.key).length;
    case 'launch': {
      const attempt = world.record.attempts.find(effect.task, ({ launchKey }) => launchKey === effect.key);
      return containers.filter(({ launch }) => launch.attemptUuid === attempt?.uuid).length;
    }
    case 'request':
      return world.outbox.triesOf(effect.key) > 0 ? 1 : 0;
    case 'child':
      return [...world.childNames.keys()].filter((id) => id === (answerOf(effect) as { taskId: TaskId }).taskId).length;
  }
}

export function deliveriesOf(world: World): RunDelivery[] {
  return world.record.effects
    .all()
    .filter(({ kind }) => kind === 'request')
    .map((effect) => {
      const { method, url, headers, body } = requestOf(effect);
      const { tries = 0, lastError = null } = effect.outbox ?? {};
      return {
        name: effect.name,
        request: { method, url, headers, ...(body !== undefined && { body }) },
        tries: world.outbox.triesOf(effect.key),
        outcome:
          effect.outcome === 'intended' ? { kind: 'under-way', tries, lastError } : (answerOf(effect) as Delivery),
      };
    });
}

export function childrenOf(world: World, parent: TaskId): RunChild[] {
  return [...world.childNames]
    .map(([id, name]) => ({ name, row: taskRow(world.record.task(id), 'copy') }))
    .filter(({ row }) => row.parentId === parent)
    .map(({ name, row: { id, kind, title, status, exitStatus, exitMessage, cause, options } }) => ({
      name,
      id,
      kind,
      title,
      status: taskStatusOf(status),
      exitStatus: exitStatusOf(exitStatus),
      exitMessage,
      cause,
      options,
    }));
}
