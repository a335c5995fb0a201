import { z } from 'zod';
import {
  CONTAINER_OPTION_FIELDS,
  ContainerWip,
  defineWip,
  outputTail,
  startTracked,
  type TransitionMethods,
  type ValueOf,
  type WipContext,
} from '../../../controlplane/tasks/write-tasks.ts';

const DumpCheckOptions = z.strictObject({ ...CONTAINER_OPTION_FIELDS, dump: z.string().min(1) });
type DumpCheckOptions = z.infer<typeof DumpCheckOptions>;

const TRANSITIONS = { checkRead: ['good', 'bad', 'again', 'wait', 'terminated'] } as const;
type T = typeof TRANSITIONS;

/** Reads a dump in a container and says whether it can be read: a class as people write them. */
class DumpCheck extends ContainerWip<DumpCheckOptions> implements TransitionMethods<T> {
  override get kind(): string {
    return 'DumpCheck';
  }

  override workId(): string {
    return `${this.kind} ${this.options.dump}`;
  }

  override get transitions(): Record<string, readonly string[]> {
    return { ...super.transitions, ...TRANSITIONS };
  }

  override getStateTable(): string {
    const stop = this.getContainerStopState();
    return `
${this.getContainerStartTable('read', 'failure')}
read:checkRead [user] {
  good        dumpIsGood
  bad         dumpIsBad
  again       read wait=10 max=3
  wait        read wait=30 exec=false
  terminated  containerTerminated
  !           failure
}
dumpIsGood {
  *  ${stop}
}
dumpIsBad {
  *  ${stop}
  !  ${stop}
}
${this.getContainerStopTable('finish', 'finish')}
failure {
  *  ${stop}
  !  ${stop}
}
terminate {
  *  ${stop}
  !  failure
}
`;
  }

  async read(context: WipContext): Promise<void> {
    await startTracked(context, { command: ['test', '-r', this.options.dump] }, 'container');
  }

  async checkRead(context: WipContext): Promise<ValueOf<T, 'checkRead'>> {
    const status = await this.checkContainerResultStatus(context);
    if (status === 'success') return 'good';
    if (status === 'fail') return 'bad';
    if (status === 'terminated') return 'terminated';
    return status === 'wait' || status === 'no_information' ? 'wait' : 'again';
  }

  dumpIsGood(context: WipContext): void {
    context.exit('COMPLETED', 'The dump can be read.', { cause: 'success' });
  }

  async dumpIsBad(context: WipContext): Promise<void> {
    const words = await outputTail(context, 'read', ['stderr'], 4_096);
    context.exit('ERROR_USER', `The dump cannot be read: ${words || 'no reason was given'}.`, { cause: 'unreadable' });
  }
}

export const DUMP_CHECK = defineWip({
  kind: 'DumpCheck',
  version: 1,
  options: { schema: DumpCheckOptions, sealed: [] },
  create: (task) => new DumpCheck(task),
});
