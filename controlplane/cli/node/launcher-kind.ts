/** The programs that can run the containers of a local ECS. */
export const LAUNCHERS = ['process', 'docker'] as const;
export type LauncherKind = (typeof LAUNCHERS)[number];
