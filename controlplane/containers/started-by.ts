/** One container attempt as people and ECS name it. */
export interface AttemptName {
  readonly taskId: number;
  readonly number: number;
}

/**
 * The `startedBy` of the ECS task that runs an attempt: `wip/<installation id>/<task>/<attempt>`. Several installations
 * may share an ECS cluster, and each finds its own tasks by it.
 */
export function startedByOf(installationId: string, { taskId, number }: AttemptName): string {
  return `wip/${installationId}/${taskId}/${number}`;
}

/** Returns the attempt that an ECS task was started for; null when this installation did not start it. */
export function parseStartedBy(startedBy: string, installationId: string): AttemptName | null {
  const prefix = `wip/${installationId}/`;
  const [, taskId, number] =
    (startedBy.startsWith(prefix) && /^(\d+)\/(\d+)$/.exec(startedBy.slice(prefix.length))) || [];
  return taskId === undefined || number === undefined ? null : { taskId: Number(taskId), number: Number(number) };
}
