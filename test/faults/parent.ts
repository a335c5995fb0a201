import { z } from 'zod';
import { BasicWip } from '../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../controlplane/tasks/context.ts';

export const ParentOptions = z.strictObject({
  children: z.number().int().min(1),
  /** Ends without waiting for its children. */
  leaves: z.boolean().default(false),
  group: z.string().default('Parent'),
});
export type ParentOptions = z.infer<typeof ParentOptions>;

/** Adds children and ends when they have ended. */
export class Parent extends BasicWip<ParentOptions> {
  override get kind(): string {
    return 'Parent';
  }

  override get group(): string {
    return this.options.group;
  }

  override getStateTable(): string {
    return `
add:checkChildren {
  done  finish
  more  add wait=3600 exec=false
  !     failure
}
failure {
  *  finish
  !  finish
}
terminate {
  *  finish
}
`;
  }

  async add(context: WipContext): Promise<void> {
    for (let n = 0; n < this.options.children; n += 1) {
      await context.addTask(`child-${n}`, { kind: 'Walker', options: { waits: [0, n, 1], group: 'Parent' } });
    }
  }

  async checkChildren(context: WipContext): Promise<string> {
    const children = await context.children();
    if (children.length !== this.options.children) throw new Error(`it has ${children.length} children`);
    return this.options.leaves || children.every(({ status }) => status === 'COMPLETE') ? 'done' : 'more';
  }
}
