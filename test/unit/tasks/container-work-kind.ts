import { ContainerWip } from '../../../controlplane/tasks/container/container-wip.ts';
import { CONTAINER_OPTIONS } from '../../../controlplane/tasks/container/container-wip-options.ts';
import { startTracked } from '../../../controlplane/tasks/container/container-work.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';
import type { SimulatedRun } from '../../testkit/simulated-run.ts';

/** A task with one state of its own, `work`, between the blocks that launch and release its container. */
class ContainerWork extends ContainerWip {
  override get kind(): string {
    return 'ContainerWork';
  }

  override getStateTable(): string {
    return `
${this.getContainerStartTable('prepare', 'failure')}
prepare {
  *              work
  !              failure
}
work:checkContainerResultStatus {
  success        ${this.getContainerStopState()}
  wait           work wait=20 exec=false
  no_information work wait=20 exec=false
  no_progress    work wait=20 exec=false
  terminated     containerTerminated
  *              ${this.getContainerStopState()}
  !              failure
}
${this.getContainerStopTable('finish')}
failure {
  *  ${this.getContainerStopState()}
  !  ${this.getContainerStopState()}
}
terminate {
  *  ${this.getContainerStopState()}
  !  failure
}
`;
  }

  prepare(_context: WipContext): Promise<void> | void {}

  work(context: WipContext): Promise<void> | void {
    return startTracked(context, { command: ['work'], noProgressAfter: 30 });
  }
}

type Methods = Partial<Pick<ContainerWork, 'prepare' | 'work' | 'containerWipInvoke' | 'containerWipStop'>> & {
  /** What the witnesses of the container decide. */
  readonly containerValue?: (context: WipContext) => Promise<'no_information' | null>;
};

/** Returns the kind whose class has these methods in place of its own. */
export function containerWork(methods: Methods = {}) {
  return defineWip({
    kind: 'ContainerWork',
    version: 1,
    options: CONTAINER_OPTIONS,
    create: (task) => Object.assign(new ContainerWork(task), methods),
  });
}

/** Returns the values that a state's transition method answered, in order. */
export function answersOf({ steps }: SimulatedRun, state: string): (string | null)[] {
  return steps.filter(({ from }) => from === state).map(({ value }) => value);
}
