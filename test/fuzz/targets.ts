import type { Target } from './fuzz-target.ts';
import { FILE_TARGETS } from './targets/files.ts';
import { PROGRAM_TARGETS } from './targets/programs.ts';
import { REQUEST_TARGETS } from './targets/requests.ts';
import { WIRE_TARGETS } from './targets/wire.ts';

export const TARGETS: readonly Target[] = [...FILE_TARGETS, ...REQUEST_TARGETS, ...WIRE_TARGETS, ...PROGRAM_TARGETS];
