import type { TaskAttemptView } from '../../../controlplane/api/tasks/attempt-views.ts';

/** A container that runs, of which nothing more is known. */
export const RUNNING_ATTEMPT: TaskAttemptView = {
  number: 1,
  uuid: '00000000-0000-4000-8000-00000000000a',
  state: 'running',
  cluster: 'default',
  clusterReason: null,
  taskArn: null,
  address: null,
  createdAt: '2026-11-28T12:00:00Z',
  readyAt: null,
  endedAt: null,
  cause: null,
  limits: null,
  usage: null,
  fault: null,
  sentence: null,
  remedy: null,
  evidence: [],
  stopFailure: null,
  verdict: null,
  legacy: null,
};
