import { z } from 'zod';

const Covered = z.object({ value: z.unknown(), from: z.string() });

/** One setting that is in effect, or that a file removed. */
export const SettingView = z.object({
  path: z.string().describe('`lease_seconds`, or `ecs.default.containerDefinitions.0.memory`.'),
  state: z.enum(['set', 'removed']),
  value: z.unknown().optional().describe('Absent for what was removed; `(hidden)` for a secret.'),
  from: z.string().describe('File and line, a variable, `default`, or `the command`.'),
  covers: z.array(Covered).readonly().describe('The values that it overrides, that of the highest precedence first.'),
});
export type SettingView = z.infer<typeof SettingView>;

/** The settings of the node that answers. */
export const ConfigurationAnswer = z.object({
  node: z.string(),
  version: z.string(),
  settings: z.array(SettingView),
});
export type ConfigurationAnswer = z.infer<typeof ConfigurationAnswer>;
