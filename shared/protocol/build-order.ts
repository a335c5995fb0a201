import { z } from 'zod';

/** `wip-agent build standby` waits on its stdin for a BuildOrder. The agent starts it, and nobody types it. */
export const STANDBY_ARGUMENT = 'standby';

/**
 * Variable of the container with which a kind of task says that it will run the build tool of the agent. The agent then
 * has one waiting, for which a container that only runs other commands would pay with some 60 MB of memory.
 */
export const BUILD_TOOL_STANDBY = 'BUILD_TOOL_STANDBY';

/** Everything that a build tool which was started early is told when its command comes, as one JSON text. */
export const BuildOrder = z.strictObject({
  /** The words behind `wip-agent build`. */
  argv: z.array(z.string()),
  cwd: z.string(),
  /** The whole environment. */
  environment: z.record(z.string(), z.string()),
});
export type BuildOrder = z.infer<typeof BuildOrder>;
