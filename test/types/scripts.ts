// Checked by `npm run types`: each line under an @ts-expect-error has to be refused, or the check fails.
import type { ProcessScript } from '../testkit/process-script.ts';

export const KILLED: ProcessScript = { killedBy: 'SIGKILL' };

// @ts-expect-error this signal ends no process
export const NOT_KILLED: ProcessScript = { killedBy: 'SIGCHLD' };

// @ts-expect-error there is no such signal
export const MISSPELT: ProcessScript = { killedBy: 'SIGKIL' };
