import type { CauseRow } from '../cause-row.ts';

const SPOT: Omit<CauseRow, 'when'> = {
  cause: 'spot-interruption',
  fault: 'spot',
  retry: 'launch-again',
  sentence: 'AWS took back the Spot capacity the container ran on',
  remedy: 'Run the build again, or use on-demand capacity for builds that must not be interrupted',
};

const HOST_LOST: Omit<CauseRow, 'when'> = {
  cause: 'host-lost',
  fault: 'system',
  retry: 'launch-again',
  sentence: 'The machine the container ran on went away ({reason})',
  remedy: 'Run the build again; if it happens often, look at the scaling of the cluster',
};

const HOST_DRAINING: Omit<CauseRow, 'when'> = {
  cause: 'host-draining',
  fault: 'system',
  retry: 'launch-again',
  sentence: 'The machine the container ran on is being taken out of the cluster ({reason})',
  remedy: 'Run the build again; let the scaling of the cluster wait for running tasks (managed termination protection)',
};

const MAINTENANCE: Omit<CauseRow, 'when'> = {
  cause: 'host-maintenance',
  fault: 'system',
  retry: 'launch-again',
  sentence: 'AWS stopped the container for maintenance of its machine',
  remedy: 'Run the build again',
};

const OPERATOR: Omit<CauseRow, 'when'> = {
  cause: 'stopped-by-operator',
  fault: 'system',
  retry: 'never',
  sentence: 'Somebody stopped the container in ECS ({reason})',
  remedy: 'Ask the people who may stop tasks in this cluster, then run the build again',
};

const SCALED_IN: Omit<CauseRow, 'when'> = {
  cause: 'scaled-in',
  fault: 'system',
  retry: 'launch-again',
  sentence: 'An ECS service was scaled in and stopped the container ({reason})',
  remedy: 'Do not run build containers under an ECS service; run the build again',
};

const HEALTH_CHECK: Omit<CauseRow, 'when'> = {
  cause: 'health-check-failed',
  fault: 'system',
  retry: 'launch-again',
  sentence: 'The container was stopped because its health check failed ({reason})',
  remedy:
    'Run the build again; if it happens again, look at healthCheck in the task definition and at the load of the machine',
};

const WORDS = {
  spot: /\bSpot\b.{0,60}\binterrupt(ed|ion)\b/i,
  maintenance:
    /performing maintenance on the underlying infrastructure|\b(instance|task) (is scheduled for )?retirement\b/i,
  draining: /\bin DRAINING state\b|\binstance is (being )?drain(ed|ing)\b/i,
  hostLost: /^Host EC2\b|\binstance (was |has been )?(terminated|stopped|deregistered)\b|\binstance deregistration\b/i,
  scaling: /^(\(?service \S+\)?:? )?Scaling activity initiated by\b/i,
  health: /\bfailed (ELB|container|load balancer)? ?health checks?\b/i,
};

/**
 * Ends that somebody ordered: ECS's stop code says who. The reason beside it may be any text of that somebody's, so
 * these rows come before all that read messages.
 */
export const STOPPER_CAUSES: readonly CauseRow[] = [
  { ...SPOT, when: { stopCode: 'SpotInterruption' } },
  // ECS has reported Spot of Fargate under this code as well.
  { ...SPOT, when: { stopCode: 'TerminationNotice', pattern: WORDS.spot } },
  { ...MAINTENANCE, when: { stopCode: /^(TerminationNotice|ServiceSchedulerInitiated)$/, pattern: WORDS.maintenance } },
  { ...HOST_DRAINING, when: { stopCode: /^(TerminationNotice|ServiceSchedulerInitiated)$/, pattern: WORDS.draining } },
  { ...HOST_LOST, when: { stopCode: 'TerminationNotice' } },
  {
    cause: 'infrastructure-unhealthy',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'AWS stopped the container because its machine was unhealthy',
    remedy: 'Run the build again; if it happens often, look at the health of the cluster',
    when: { stopCode: 'InfrastructureHealth' },
  },
  {
    cause: 'stopped-by-wip',
    fault: 'system',
    retry: 'never',
    sentence: 'The control plane stopped the container ({reason})',
    remedy: 'Nothing to do: the reason stands in the task log',
    when: { stopCode: 'UserInitiated', stoppedReason: /^wip: / },
  },
  { ...HOST_LOST, when: { stopCode: 'UserInitiated', stoppedReason: /^Container instance deregistration forced\b/i } },
  { ...OPERATOR, when: { stopCode: 'UserInitiated' } },
  { ...SCALED_IN, when: { stopCode: 'ServiceSchedulerInitiated', pattern: WORDS.scaling } },
  { ...HEALTH_CHECK, when: { stopCode: 'ServiceSchedulerInitiated', pattern: WORDS.health } },
  {
    cause: 'stopped-by-scheduler',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'An ECS service scheduler stopped the container ({reason})',
    remedy: 'Do not run build containers under an ECS service; run the build again',
    when: { stopCode: 'ServiceSchedulerInitiated' },
  },
];

/** The same ends where ECS gives a reason and no such code. */
export const STOPPER_TEXT_CAUSES: readonly CauseRow[] = [
  { ...SPOT, when: { stoppedReason: WORDS.spot } },
  { ...MAINTENANCE, when: { stoppedReason: WORDS.maintenance } },
  { ...HOST_DRAINING, when: { stoppedReason: WORDS.draining } },
  { ...HOST_LOST, when: { stoppedReason: WORDS.hostLost } },
  { ...SCALED_IN, when: { stoppedReason: WORDS.scaling } },
  { ...HEALTH_CHECK, when: { stoppedReason: WORDS.health } },
  { ...OPERATOR, when: { stoppedReason: /^Task stopped by user\b/i } },
];
