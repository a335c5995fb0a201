// Checked by `npm run types`: each line under an @ts-expect-error has to be refused, or the check fails.
import { z } from 'zod';
import { BasicWip } from '../../controlplane/tasks/basic-wip.ts';
import type { WipClass } from '../../controlplane/tasks/wip-class.ts';
import { BUILD_STEPS, defineWip } from '../../controlplane/tasks/kinds.ts';

const Options = z.strictObject({ dump: z.string(), rows: z.number().default(1) });

class RestoreCheck extends BasicWip<z.infer<typeof Options>> {}

const RESTORE_CHECK = defineWip({
  kind: 'RestoreCheck',
  version: 1,
  options: { schema: Options, sealed: [] },
  create: (task) => new RestoreCheck(task),
});

/** A registry takes classes with any options. */
export const KINDS: readonly WipClass[] = [RESTORE_CHECK, BUILD_STEPS];

export const RESTORED = RESTORE_CHECK.create({ uuid: '', options: { dump: 'monday', rows: 3 } });

// @ts-expect-error the parsed options have a number of rows
export const WITHOUT_ROWS = RESTORE_CHECK.create({ uuid: '', options: { dump: 'monday' } });
