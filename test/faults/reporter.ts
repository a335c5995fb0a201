import { z } from 'zod';
import { BasicWip } from '../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../controlplane/tasks/context.ts';

export const ReporterOptions = z.strictObject({
  url: z.string(),
  count: z.number().int().min(1),
  group: z.string().default('Reporter'),
});
export type ReporterOptions = z.infer<typeof ReporterOptions>;

/** Returns whether the request of this number must not be repeated once it may have arrived. */
export const isSentOnce = (name: string): boolean => Number(name.replace(/\D/g, '')) % 3 === 2;

/** Reports a number of times to a foreign service, and ends when it knows the outcome of each report. */
export class Reporter extends BasicWip<ReporterOptions> {
  override get kind(): string {
    return 'Reporter';
  }

  override get group(): string {
    return this.options.group;
  }

  override getStateTable(): string {
    return `
report:checkReported {
  done  finish
  more  report wait=3600 exec=false
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

  async report(context: WipContext): Promise<void> {
    const { url, count } = this.options;
    for (let n = 0; n < count; n += 1) {
      const name = `report-${n}`;
      // Each run of the method makes another body. The one given first is sent.
      const body = `${name} of ${context.taskId}, ${Math.random()}`;
      const repeat = isSentOnce(name) ? 'never' : 'safe';
      await context.deliver(name, { method: 'POST', url, body, repeat });
    }
  }

  async checkReported(context: WipContext): Promise<string> {
    for (let n = 0; n < this.options.count; n += 1) {
      const delivery = await context.delivery(`report-${n}`);
      if (delivery === null) throw new Error(`report-${n} was forgotten`);
      if (delivery.kind === 'under-way') return 'more';
      if (delivery.kind === 'unknown' && !isSentOnce(`report-${n}`)) throw new Error(`report-${n} is unknown`);
    }
    return 'done';
  }
}
