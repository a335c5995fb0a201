import { z } from 'zod';
import { ContainerWip } from '../../../controlplane/tasks/container/container-wip.ts';
import { CONTAINER_OPTION_FIELDS } from '../../../controlplane/tasks/container/container-wip-options.ts';
import { outputTail, startTracked } from '../../../controlplane/tasks/container/container-work.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';

const Options = z.strictObject({ ...CONTAINER_OPTION_FIELDS, dump: z.string(), password: z.string().optional() });

/** Restores a dump in a container and reports how it went: a task as an author outside of this project writes it. */
export class RestoreCheck extends ContainerWip<z.infer<typeof Options>> {
  override get kind(): string {
    return 'RestoreCheck';
  }

  override getStateTable(): string {
    return `
${this.getContainerStartTable('restore', 'failure', 'again')}
restore:checkContainerResultStatus [user] {
  success         report
  wait            restore wait=30 exec=false
  no_information  restore wait=30 exec=false
  terminated      again
  fail            restoreFailed
  *               restore wait=10 max=3
  !               failure
}
restoreFailed {
  *  ${this.getContainerStopState()}
  !  failure
}
again {
  *  containerWipStart max=2
  !  failure
}
report:checkReport [system] {
  done   ${this.getContainerStopState()}
  wait   report wait=60 exec=false
  !      failure
}
${this.getContainerStopTable('finish', 'finish')}
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

  async restore(context: WipContext): Promise<void> {
    const password = context.secretOption('password');
    await startTracked(
      context,
      {
        command: ['restore', this.options.dump],
        ...(typeof password === 'string' && { secureEnvironment: { PASSWORD: password } }),
      },
      'container',
    );
  }

  async restoreFailed(context: WipContext): Promise<void> {
    const words = await outputTail(context, 'restore', ['stderr'], 1_000);
    context.exit('ERROR_USER', `The dump cannot be restored: ${words}`, { cause: 'dump' });
  }

  again(_context: WipContext): void {}

  async report(context: WipContext): Promise<void> {
    const request = { method: 'POST', url: 'https://reports.example.org/', body: this.options.dump } as const;
    await context.deliver('report', request, 'task');
  }

  async checkReport(context: WipContext): Promise<'done' | 'wait'> {
    const delivery = await context.delivery('report', 'task');
    return delivery?.kind === 'under-way' ? 'wait' : 'done';
  }
}

export const RESTORE_CHECK = defineWip({
  kind: 'RestoreCheck',
  version: 1,
  options: { schema: Options, sealed: ['password'] },
  create: (task) => new RestoreCheck(task),
});
