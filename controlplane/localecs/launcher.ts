/** What a launcher needs to start one container. Made from the task's record, so the same after a restart. */
export interface LaunchOrder {
  readonly arn: string;
  /** The container's own, below local ECS's directory. */
  readonly directory: string;
  /** The definition's environment with the overrides over it. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface PortBinding {
  readonly containerPort: number;
  readonly hostPort: number;
}

export interface LaunchedContainer {
  /** Resolves when the container and everything in it is gone; null when nobody saw the exit code. */
  readonly ended: Promise<{ readonly exitCode: number | null }>;
  /** SIGTERM to the entrypoint, as StopTask does. */
  terminate(): void;
  /** SIGKILL to everything in the container. */
  kill(): void;
  /** Ports that are bound by now. */
  ports(): readonly PortBinding[];
}

export type Adoption =
  | { readonly kind: 'running'; readonly launched: LaunchedContainer }
  | { readonly kind: 'ended'; readonly exitCode: number | null }
  | { readonly kind: 'never-started' };

/** How local ECS runs containers: as processes, with a container engine, or simulated. */
export interface Launcher {
  /** Rejects when it cannot be started; the message becomes the task's stop reason. */
  start(order: LaunchOrder): Promise<LaunchedContainer>;
  /** After a restart of local ECS: what became of a container that may have been started before. */
  adopt(order: LaunchOrder): Promise<Adoption>;
  /** Removes what a container that has ended has left. */
  discard(order: LaunchOrder): Promise<void>;
}
