import { OperationalError } from '../../shared/model/error.ts';
import type { ContainerInterface, EcsLook } from '../containers/container.ts';

/** What a container needs of ECS once it has an ARN. */
export interface LaunchedEcs {
  describe(arn: string, freshness?: 'shared' | 'fresh'): Promise<EcsLook>;
  stopTask(arn: string, reason: string): Promise<void>;
}

/** Stop reasons of ours begin with this, so that causes.ts tells them from an operator's. */
const OUR_REASON = 'wip: ';

/** A container that was launched before, by this node or by one that is gone. */
export function attachContainer(world: { readonly ecs: LaunchedEcs }, arn: string): ContainerInterface {
  const { ecs } = world;
  const status = (): Promise<EcsLook> => ecs.describe(arn);
  return {
    addContainerOverride(key) {
      throw new OperationalError('OVERRIDE_AFTER_RUN', {
        happened: `The container override "${key}" was added to a container that is launched already`,
        remedy: 'Add overrides in addContainerOverrides, before the container runs',
      });
    },
    overrides: () => [],
    run: () => Promise.resolve({ kind: 'launched', arn }),
    status,
    async nextStatus() {
      const look = await status();
      return look.kind === 'seen' ? look.desiredStatus : null;
    },
    async hasStarted() {
      const look = await status();
      return look.kind === 'seen' && look.startedAt !== null;
    },
    async hasStopped() {
      return isStopped(await status());
    },
    async launchFailed() {
      const look = await status();
      return isStopped(look) && look.startedAt === null;
    },
    async address() {
      const look = await status();
      if (look.kind === 'seen' && look.address) return look.address;
      // The port is known a moment after the start; an answer shared from before would cost seconds.
      const fresh = await ecs.describe(arn, 'fresh');
      return fresh.kind === 'seen' ? fresh.address : null;
    },
    kill: (reason) => ecs.stopTask(arn, `${OUR_REASON}${reason}`),
  };
}

function isStopped(look: EcsLook): look is EcsLook & { kind: 'seen' } {
  return look.kind === 'seen' && (look.lastStatus === 'STOPPED' || look.lastStatus === 'DELETED');
}
