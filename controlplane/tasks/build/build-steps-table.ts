import {
  containerStartTable,
  containerStopTable,
  CONTAINER_START_STATE,
  CONTAINER_STOP_STATE,
  CONTAINER_STOP_FAILED_STATE,
  CONTAINER_TERMINATED_STATE,
} from '../container/container-state-tables.ts';

// How often a build without progress is checked, which is the wait of its row: half the limit, within 5 and 60 s.
export const NO_PROGRESS_LIMIT_SECONDS = 600;
export const NO_PROGRESS_CHECK_SECONDS = Math.max(Math.min(NO_PROGRESS_LIMIT_SECONDS / 2, 60), 5);

/** The rows of a state that talks to the container and continues to `next` after success. */
function talkingState(
  state: string,
  next: string,
  { method = 'checkContainerResultStatus', fail = '', extra = '' } = {},
): string {
  return `
${state}:${method} [user] {
  success        ${next}
  wait           ${state} wait=30 exec=false
  no_information ${state} wait=30 exec=false
  uninitialized  ${state} wait=10 max=3
  fail           ${fail || `${state} wait=10 max=3`}
  terminated     ${CONTAINER_TERMINATED_STATE}
${extra}  *              ${state} wait=30 max=3
  !              failure
}
`;
}

const OWN_STATES = `
deployPathIsTag {
  *              finish
  !              failure
}
ensureVcsUri:checkVcsUri {
  success        establishWorkspaceSshKey
  fail           ${CONTAINER_STOP_STATE}
  !              failure
}
reportPipelinesMetaData {
  *              exportBuildFileAsJson
  !              failure
}
jsonExportFailed {
  *              releaseWorkspaceSshKey
  !              failure
}
noBuildProgress:checkBuildProgress [user] {
  progress       executeBuildScript wait=30 exec=false
  wait           noBuildProgress wait=${NO_PROGRESS_CHECK_SECONDS} exec=false
  expired        noBuildProgressFailure
  success        logBuildSuccessMessage
  fail           logBuildFailureMessage
  terminated     ${CONTAINER_TERMINATED_STATE}
  no_information noBuildProgress wait=30 exec=false
  !              failure
}
noBuildProgressFailure {
  *              releaseWorkspaceSshKey
  !              failure
}
logBuildSuccessMessage {
  *              releaseWorkspaceSshKey
  !              failure
}
logBuildFailureMessage {
  *              releaseWorkspaceSshKey
  !              failure
}
releaseWorkspaceSshKey:checkContainerResultStatus [user] {
  wait           releaseWorkspaceSshKey wait=5 max=6 exec=false
  terminated     ${CONTAINER_STOP_STATE}
  no_information ${CONTAINER_STOP_STATE}
  *              ${CONTAINER_STOP_STATE}
  !              ${CONTAINER_STOP_STATE}
}
containerStopped {
  *              finish
  !              finish
}
failure {
  *              systemFailure
  !              ${CONTAINER_STOP_STATE}
}
systemFailure {
  *              ${CONTAINER_STOP_STATE}
  # lint-ignore: container-left-behind taken when the stop state itself throws: to try it for ever would help nobody
  !              finish
}
terminate {
  *              ${CONTAINER_STOP_STATE}
  !              failure
}
`;

export const BUILD_STEPS_TABLE = [
  `start:checkDeployPath {
  branch         ${CONTAINER_START_STATE}
  tag            deployPathIsTag
  !              failure
}
`,
  containerStartTable({ success: 'ensureBuildUser', failure: 'failure', terminated: CONTAINER_TERMINATED_STATE }),
  talkingState('ensureBuildUser', 'ensureVcsUri', { method: 'checkBuildUser' }),
  talkingState('establishWorkspaceSshKey', 'createGitWrapper'),
  talkingState('createGitWrapper', 'writeUserEnvironmentVars'),
  talkingState('writeUserEnvironmentVars', 'reportPipelinesMetaData'),
  talkingState('exportBuildFileAsJson', 'executeBuildScript', {
    method: 'checkBuildFileExport',
    fail: 'jsonExportFailed',
  }),
  talkingState('executeBuildScript', 'logBuildSuccessMessage', {
    fail: 'logBuildFailureMessage',
    extra: '  no_progress    noBuildProgress\n',
  }),
  OWN_STATES,
  containerStopTable({ success: 'containerStopped', failure: CONTAINER_STOP_FAILED_STATE }),
].join('');
