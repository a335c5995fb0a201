import { z } from 'zod';

/** What the three witnesses of a container (its agent, SSH, ECS) prove of it; controlplane/containers/liveness.ts decides. */
export const Verdict = z.enum([
  'starting',
  'ready',
  'running',
  'last_words',
  'terminated',
  'no_information',
  'unreachable',
  'contradiction',
]);
export type Verdict = z.infer<typeof Verdict>;
