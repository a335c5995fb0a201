import type { CauseRow } from './cause-row.ts';
import { CAPACITY_CAUSES } from './rows/capacity-causes.ts';
import { EXIT_CAUSES, UNKNOWN_CAUSES } from './rows/exit-causes.ts';
import { IMAGE_CAUSES } from './rows/image-causes.ts';
import { MEMORY_CAUSES } from './rows/memory-causes.ts';
import { RESOURCE_CAUSES, SECRET_CAUSES } from './rows/resource-causes.ts';
import { START_CAUSES } from './rows/start-causes.ts';
import { STOPPER_CAUSES, STOPPER_TEXT_CAUSES } from './rows/stopper-causes.ts';

/**
 * The rows in the order of matching; the first that matches is the answer.
 *
 *   1  who ordered the end, by ECS's stop code       reasons beside these codes are anybody's text
 *   2  memory                                        an exit code 0 beside an out-of-memory kill is no success
 *   3  who ordered the end, by ECS's reason
 *   4  capacity                                      messages about images quote it
 *   5  secrets, image, what else ECS prepares, and the start: each from special to general
 *   6  a message that no row knows                   `unknown`, with that message
 *   7  the exit code
 *
 * The messages are from the Amazon ECS developer guide ("Stopped task error messages", "Stopped task error codes", "API
 * failure reasons"), from the source of the ECS agent, and from public reports of the Docker and containerd texts that
 * ECS passes on.
 */
export const STOP_CAUSES: readonly CauseRow[] = [
  ...STOPPER_CAUSES,
  ...MEMORY_CAUSES,
  ...STOPPER_TEXT_CAUSES,
  ...CAPACITY_CAUSES,
  ...SECRET_CAUSES,
  ...IMAGE_CAUSES,
  ...RESOURCE_CAUSES,
  ...START_CAUSES,
  ...UNKNOWN_CAUSES,
  ...EXIT_CAUSES,
];
