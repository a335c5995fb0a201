import { z } from 'zod';

const Covered = z.object({ value: z.unknown(), from: z.string() });

/** One setting that is in effect, or that a file removed. */
export const SettingView = z.object({
  /** `lease_seconds`, or `ecs.default.containerDefinitions.0.memory`. */
  path: z.string(),
  state: z.enum(['set', 'removed']),
  /** Absent for what was removed; `(hidden)` for a secret. */
  value: z.unknown().optional(),
  /** File and line, a variable, `default`, or `the command`. */
  from: z.string(),
  /** The values that it overrides, that of the highest precedence first. */
  covers: z.array(Covered).readonly(),
});
export type SettingView = z.infer<typeof SettingView>;

/** The settings of the node that answers. */
export const ConfigurationAnswer = z.object({
  node: z.string(),
  version: z.string(),
  settings: z.array(SettingView),
});
export type ConfigurationAnswer = z.infer<typeof ConfigurationAnswer>;
