import { RESULT_VALUES } from './check-result-status.ts';

/** The first states of the two blocks, for tables that are stitched from them. */
export const CONTAINER_START_STATE = 'containerWipStart';
export const CONTAINER_STOP_STATE = 'containerWipStop';
/** The state that says why a container ended too early. The start block contains it unless a table has its own. */
export const CONTAINER_TERMINATED_STATE = 'containerTerminated';

/** The state that warns of a container that could not be released. The stop block contains it likewise. */
export const CONTAINER_STOP_FAILED_STATE = 'containerStopFailed';

/** The states outside of the blocks that they lead to. */
export interface StartTableExits {
  readonly success: string;
  readonly failure: string;
  readonly terminated: string;
}

export interface StopTableExits {
  readonly success: string;
  readonly failure: string;
}

/**
 * The block that launches a container and proves that it can be used. Waits are fail-safes: the ready signal ends those
 * with exec=false early. `no_information` has no max, because containers/liveness.ts bounds its time.
 */
export function containerStartTable({ success, failure, terminated }: StartTableExits): string {
  const terminatedBlock = terminated === CONTAINER_TERMINATED_STATE ? containerTerminatedBlock(failure) : '';
  return `
containerWipStart [container] {
  *              containerWipInvoke
  !              ${failure}
}
containerWipInvoke:containerWipWaitForLaunch [container] {
  success        containerWipContainerLaunched
  wait           containerWipInvoke wait=60 exec=false
  spin           containerWipInvoke wait=3 exec=false
  nowait         containerWipInvoke wait=3 exec=false
  uninitialized  containerWipInvoke wait=30 max=3
  # The launch is repeated sooner, as tasks/container/wait-for-launch.ts says: after a pause, or when room is seen.
  no_resources   containerWipInvoke wait=300 exec=false
  fail           containerWipInvoke wait=30 max=3
  no_information containerWipInvoke wait=30 exec=false
  terminated     ${terminated}
  !              ${failure}
}
containerWipContainerLaunched [container] {
  *              containerWipSetupEnvironment
  !              ${failure}
}
containerWipSetupEnvironment:containerWipEnvironmentReady [container] {
  yes            containerWipCheckSsh
  no             containerWipSetupEnvironment wait=10 max=5
  no_information containerWipSetupEnvironment wait=30 exec=false
  terminated     ${terminated}
  !              ${failure}
}
containerWipCheckSsh:checkContainerResultStatus [container] {
  success        containerWipCheckResources
  wait           containerWipCheckSsh wait=10 exec=false
  # The first connections are often refused: the port is open before its server answers.
  uninitialized  containerWipCheckSsh wait=1 max=60
  no_information containerWipCheckSsh wait=30 exec=false
  terminated     ${terminated}
  fail           containerWipCheckSsh wait=5 max=5
  *              containerWipCheckSsh wait=30 max=3
  !              ${failure}
}
containerWipCheckResources:checkContainerResources [container] {
  success        ${success}
  no_resources   containerWipCheckResources wait=300 max=12
  no_information containerWipCheckResources wait=30 exec=false
  terminated     ${terminated}
  fail           ${failure}
  *              ${failure}
  !              ${failure}
}
${terminatedBlock}`;
}

function containerTerminatedBlock(failure: string): string {
  return `${CONTAINER_TERMINATED_STATE} [container] {
  *              ${CONTAINER_STOP_STATE}
  !              ${failure}
}
`;
}

/**
 * The block that releases the container: it asks the agent to stop, waits for the exit signal, and stops the container
 * through ECS if necessary.
 */
export function containerStopTable({ success, failure }: StopTableExits): string {
  return `
containerWipStop [container] {
  *              containerWipFinish
  !              containerWipFinish
}
containerWipFinish:containerWipReleaseOnComplete [container] {
  yes            containerWipRelease
  no             ${success}
  force          containerWipTerminate
  !              ${failure}
}
containerWipRelease:checkContainerResultStatus [container] {
  success        containerWipWaitForRelease
  terminated     containerWipWaitForRelease
  wait           containerWipRelease wait=5 exec=false
  no_information containerWipTerminate
  uninitialized  containerWipTerminate
  *              containerWipRelease wait=10 max=3
  # An agent that cannot be asked ends no container: only ECS can.
  !              containerWipTerminate
}
containerWipTerminate:containerWipIsReleased [container] {
  success        ${success}
  nowait         ${success}
  wait           containerWipTerminate wait=5 max=60 exec=false
  fail           containerWipTerminate wait=30 max=3
  !              ${failure}
}
containerWipWaitForRelease:containerWipDataSignalReceived [container] {
  success        ${success}
  wait           containerWipWaitForRelease wait=15 max=10 exec=false
  !              ${success}
}
${failure === CONTAINER_STOP_FAILED_STATE ? containerStopFailedBlock(success) : ''}`;
}

/** The work is done or lost already: a container that is left behind keeps no task from its end. */
function containerStopFailedBlock(success: string): string {
  return `${CONTAINER_STOP_FAILED_STATE} [container] {
  *              ${success}
  !              ${success}
}
`;
}

/** The values that the transition methods of these blocks may return. */
export const CONTAINER_TRANSITIONS = {
  containerWipWaitForLaunch: [
    'success',
    'wait',
    'spin',
    'nowait',
    'uninitialized',
    'no_resources',
    'fail',
    'no_information',
    'terminated',
  ],
  containerWipEnvironmentReady: ['yes', 'no', 'no_information', 'terminated'],
  checkContainerResultStatus: [...RESULT_VALUES, 'terminated', 'no_information'],
  checkContainerResources: ['success', 'no_resources', 'no_information', 'terminated', 'fail'],
  containerWipReleaseOnComplete: ['yes', 'no', 'force'],
  containerWipIsReleased: ['success', 'nowait', 'wait', 'fail'],
  containerWipDataSignalReceived: ['success', 'wait'],
} as const;
