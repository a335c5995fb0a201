import type { AttemptDetail } from '../../api/tasks/task-detail-views.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { isEnded } from '../status-words.ts';

export interface ShownCommand {
  readonly title: string;
  readonly command: string;
}

/** Commands with nothing to fill in. The region of an attempt is part of the ARN of its container. */
export function commandsOf(
  task: Pick<TaskSummary, 'id' | 'status'>,
  attempt: AttemptDetail | undefined,
): ShownCommand[] {
  const [, , , region = '', , path = ''] = attempt?.taskArn?.split(':') ?? [];
  const cluster = path.split('/')[1] ?? '';
  const endpoint = attempt?.endpoint ?? null;
  const aws = `aws ecs${endpoint === null ? '' : ` --endpoint-url ${wordForShell(endpoint)}`}`;
  const withKeys = endpoint === null ? '' : ', asked with the keys of its cluster';
  const ofContainer: ShownCommand[] = !attempt?.taskArn
    ? []
    : [
        {
          title: `What ECS knows of the container${withKeys}`,
          command: `${aws} describe-tasks --region ${region} --cluster ${cluster} --tasks ${attempt.taskArn}`,
        },
        ...(attempt.taskDefinition === null
          ? []
          : [
              {
                title: `Its definition${withKeys}`,
                command: `${aws} describe-task-definition --region ${region} --task-definition ${attempt.taskDefinition}`,
              },
            ]),
      ];
  return [
    { title: 'Everything Wip knows of it', command: `wipctl show ${task.id}` },
    ...ofContainer,
    isEnded(task)
      ? { title: 'Run it again', command: `wipctl restart ${task.id}` }
      : { title: 'Follow it', command: `wipctl logs ${task.id} -f` },
    { title: 'Every step it took', command: `wipctl transcript ${task.id}` },
  ];
}

/** A word that a shell takes as it is. */
export function wordForShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
