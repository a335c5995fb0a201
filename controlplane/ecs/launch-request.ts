import {
  BUILD_ENVIRONMENT_NAMES,
  checkOverridesSize,
  type ContainerOverride,
} from '../../shared/protocol/overrides.ts';
import type { Clock } from '../../shared/support/clock.ts';
import { clientToken } from '../../shared/support/signing.ts';
import type { LaunchIdentity, LaunchRequest } from '../containers/launch-ledger.ts';
import type { RunTaskSettings } from './run-task-settings.ts';
import { STARTED_BY_CHARACTERS } from './quotas.ts';

export interface WorkloadLimits {
  readonly maxTimeSeconds?: number;
  readonly maxDiskGb?: number;
}

interface LaunchRequestParts {
  readonly identity: LaunchIdentity;
  readonly definition: { readonly arn: string; readonly containerName: string; readonly runTask?: RunTaskSettings };
  readonly overrides: readonly ContainerOverride[];
  readonly limits?: WorkloadLimits;
  readonly cluster: string;
  readonly placement: Readonly<Record<string, unknown>>;
  readonly ecs: { readonly clusterName: string };
  readonly clock: Clock;
}

/** Builds the final RunTask of one attempt. Throws OVERRIDES_TOO_LARGE before anything is called. */
export function buildLaunchRequest(parts: LaunchRequestParts): LaunchRequest {
  const { identity, definition } = parts;
  const environment = environmentOf(parts);
  const { overrides: ofTask, tags = [], ...settings } = definition.runTask ?? {};
  const overrides = { ...ofTask, containerOverrides: [{ name: definition.containerName, environment }] };
  checkOverridesSize(JSON.stringify(overrides), environment);
  if (identity.startedBy.length > STARTED_BY_CHARACTERS) {
    throw new Error(`startedBy has ${identity.startedBy.length} characters and ECS takes ${STARTED_BY_CHARACTERS}`);
  }
  return {
    cluster: parts.ecs.clusterName,
    runTask: {
      ...settings,
      ...parts.placement,
      cluster: parts.cluster,
      taskDefinition: definition.arn,
      clientToken: clientToken(identity.attemptUuid),
      startedBy: identity.startedBy,
      count: 1,
      overrides,
      tags: [
        ...tags,
        { key: 'wip:task', value: String(identity.taskId) },
        { key: 'wip:attempt', value: String(identity.attemptNumber) },
      ],
    },
    secureOverrides: Object.fromEntries(secureOf(parts.overrides).map(({ key, value }) => [key, value])),
    createdAt: parts.clock.now().toISOString(),
  };
}

function environmentOf({ identity, overrides, limits }: LaunchRequestParts): { name: string; value: string }[] {
  const plain = overrides.filter((override) => !override.secure);
  const ours: Record<string, string | undefined> = {
    SIGNAL_URL: identity.signalUrl,
    SIGNAL_BODY: JSON.stringify(identity.signalBody),
    WIP_ENROL_URL: identity.enrolUrl,
    WIP_ENROL: identity.enrolToken,
    // The control plane refuses http addresses unless the operator allowed them (allow_http).
    WIP_ALLOW_HTTP: identity.enrolUrl.startsWith('http:') ? 'true' : undefined,
    WORKLOAD_MAX_TIME: limits?.maxTimeSeconds?.toString(),
    WORKLOAD_MAX_DISK: limits?.maxDiskGb?.toString(),
    [BUILD_ENVIRONMENT_NAMES]: plain.length > 0 ? plain.map(({ key }) => key).join(',') : undefined,
  };
  const own = Object.entries(ours).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  return [...own, ...plain.map(({ key, value }) => ({ name: key, value }))];
}

function secureOf(overrides: readonly ContainerOverride[]): ContainerOverride[] {
  return overrides.filter((override) => override.secure);
}
