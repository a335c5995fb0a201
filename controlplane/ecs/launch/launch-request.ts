import {
  BUILD_ENVIRONMENT_NAMES,
  checkOverridesSize,
  doOverridesFit,
  type ContainerOverride,
} from '../../../shared/protocol/overrides.ts';
import { LEGACY_SIGNAL_BODY } from '../../../shared/protocol/legacy-signals.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { clientToken } from '../../../shared/keys/signing.ts';
import { SIGNAL_USER, type LaunchIdentity, type LaunchRequest } from '../../containers/launch-ledger.ts';
import type { PinnedDefinition } from '../definition/pinned-definition.ts';
import { STARTED_BY_CHARACTERS } from '../client/quotas.ts';

export interface WorkloadLimits {
  readonly maxTimeSeconds?: number;
  readonly maxDiskGb?: number;
}

interface LaunchRequestParts {
  readonly identity: LaunchIdentity;
  readonly definition: PinnedDefinition;
  readonly overrides: readonly ContainerOverride[];
  readonly limits?: WorkloadLimits;
  readonly cluster: string;
  readonly placement: Readonly<Record<string, unknown>>;
  readonly ecs: { readonly clusterName: string };
  readonly clock: Clock;
}

// The name under which tools look for the trace they belong to (OpenTelemetry, "Environment Variables as Context Propagation
// Carriers").
const TRACEPARENT = 'TRACEPARENT';

/** Builds the final RunTask of one attempt. Throws OVERRIDES_TOO_LARGE before anything is called. */
export function buildLaunchRequest(parts: LaunchRequestParts): LaunchRequest {
  const { identity, definition } = parts;
  const { overrides: ofTask, tags = [], ...settings } = definition.runTask ?? {};
  const overridesOf = (environment: readonly Variable[]) => ({
    ...ofTask,
    containerOverrides: [
      { name: definition.containerName, ...definition.containerSize, environment: [...environment] },
    ],
  });
  const overrides = overridesOf(environmentThatFits(parts, overridesOf));
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

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** A build must not fail for its trace: where ECS would take no more, the container is not told of it. */
function environmentThatFits(
  parts: LaunchRequestParts,
  overridesOf: (environment: readonly Variable[]) => object,
): readonly Variable[] {
  const { identity, overrides } = parts;
  const isTraced = identity.traceparent !== null && !overrides.some(({ key }) => key === TRACEPARENT);
  const traceparent = { key: TRACEPARENT, value: identity.traceparent ?? '', secure: false };
  const traced = isTraced ? environmentOf({ ...parts, overrides: [...overrides, traceparent] }) : null;
  if (traced && doOverridesFit(JSON.stringify(overridesOf(traced)))) return traced;
  const environment = environmentOf(parts);
  checkOverridesSize(JSON.stringify(overridesOf(environment)), environment);
  return environment;
}

function environmentOf(parts: LaunchRequestParts): Variable[] {
  const plain = parts.overrides.filter((override) => !override.secure);
  if (parts.definition.isLegacy === true) return legacyEnvironment(parts.identity, plain);
  const { identity, limits } = parts;
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

/** A shell entrypoint knows these four. A task cannot change them: the control plane could not log in. */
function legacyEnvironment(identity: LaunchIdentity, plain: readonly ContainerOverride[]): Variable[] {
  const own = [
    { name: 'SIGNAL_URL', value: identity.signalUrl },
    { name: 'SIGNAL_BODY', value: JSON.stringify({ ...LEGACY_SIGNAL_BODY, ...identity.signalBody }) },
    { name: SIGNAL_USER, value: identity.signalUser },
    { name: 'CONTAINER_SSH_KEY', value: identity.sshPublicKey },
  ];
  const ofTask = plain.filter(({ key }) => !own.some(({ name }) => name === key));
  return [...own, ...ofTask.map(({ key, value }) => ({ name: key, value }))];
}

function secureOf(overrides: readonly ContainerOverride[]): ContainerOverride[] {
  return overrides.filter((override) => override.secure);
}
