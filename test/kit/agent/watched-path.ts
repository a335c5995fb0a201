/** The states of the path that was printed, in their order. */
export function pathOf(out: string): string[] {
  return [...out.matchAll(/^ +[\d.]+ \w+ .*→ (\w+)/gm)].map(([, state]) => state ?? '');
}

export function lastLine(out: string): string {
  return out.trimEnd().split('\n').at(-1) ?? '';
}

export const TO_THE_BUILD = [
  'start',
  'containerWipStart',
  'containerWipInvoke',
  'containerWipContainerLaunched',
  'containerWipSetupEnvironment',
  'containerWipCheckSsh',
  'containerWipCheckResources',
  'ensureBuildUser',
  'ensureVcsUri',
  'establishWorkspaceSshKey',
  'createGitWrapper',
  'writeUserEnvironmentVars',
  'reportPipelinesMetaData',
  'exportBuildFileAsJson',
  'executeBuildScript',
];
export const RELEASE = [
  'containerWipStop',
  'containerWipFinish',
  'containerWipRelease',
  'containerWipWaitForRelease',
  'containerStopped',
  'finish',
];
