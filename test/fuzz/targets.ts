import type { Target } from './fuzz-target.ts';
import { BUILD_GIT_TARGETS } from './targets/build-git.ts';
import { FILE_TARGETS } from './targets/files.ts';
import { PROGRAM_TARGETS } from './targets/programs.ts';
import { REQUEST_TARGETS } from './targets/requests.ts';
import { SERVER_TARGETS } from './targets/servers.ts';
import { WIRE_TARGETS } from './targets/wire.ts';

export const TARGETS: readonly Target[] = [
  ...FILE_TARGETS,
  ...REQUEST_TARGETS,
  ...WIRE_TARGETS,
  ...PROGRAM_TARGETS,
  ...BUILD_GIT_TARGETS,
  ...SERVER_TARGETS,
];
