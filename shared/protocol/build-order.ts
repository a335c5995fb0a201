import { z } from 'zod';

/** `wip-agent build standby` waits on its stdin for a BuildOrder. The agent starts it, and nobody types it. */
export const STANDBY_ARGUMENT = 'standby';

/**
 * Environment name by which a kind of task announces that it will run the agent's build tool. The agent then keeps a started
 * build tool waiting. Other containers do without it, because it takes some 60 MB of memory.
 */
export const BUILD_TOOL_STANDBY = 'BUILD_TOOL_STANDBY';

/** The command for a build tool that was started early, as one JSON text. */
export const BuildOrder = z.strictObject({
  /** The words behind `wip-agent build`. */
  argv: z.array(z.string()),
  cwd: z.string(),
  /** The whole environment. */
  environment: z.record(z.string(), z.string()),
});
export type BuildOrder = z.infer<typeof BuildOrder>;
