import type { Command } from 'commander';
import { z } from 'zod';
import type { AttemptDetail } from '../../api/tasks/task-detail-views.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { decideLaunchPhases, LAUNCH_PHASES } from '../../containers/launch-phases.ts';
import { CANARY_KIND } from '../../tasks/canary.ts';
import type { CliContext } from '../cli-context.ts';
import { clientCommand, connect, type ClientOptions } from './client-command.ts';
import { reportAddedTask, withWatchOptions, type ReportOptions } from './report-added-task.ts';

export function canaryCommand(context: CliContext): Command {
  const description = 'Launch a container, prove it over SSH, and release it: shows that the chain works.';
  const command = clientCommand('canary', description, ['canary --watch', 'canary --watch --json']);
  return withWatchOptions(command, 'canary').action(async (options: ClientOptions & ReportOptions) => {
    const client = connect(options, context);
    const { id } = await client.addTask({ kind: CANARY_KIND, options: {} });
    await reportAddedTask(client, await client.findTask(id), options, context);
    if (!options.watch || options.json) return;
    const task = await client.findTask(id);
    const attempt = (await client.listAttempts(id)).at(-1);
    if (task.status === 'COMPLETE' && attempt) context.out.write(`${launchSentence(task, attempt)}\n`);
  });
}

const Instant = z.string().nullable().default(null);
/** The part of the last answer of ECS that the API shows, to operators only. */
const WitnessedInstants = z.object({
  look: z.object({ pullStartedAt: Instant, pullStoppedAt: Instant, startedAt: Instant }),
});

function launchSentence(task: TaskView, attempt: AttemptDetail): string {
  const look = WitnessedInstants.safeParse(attempt.ecsWitness).data?.look;
  const phases = decideLaunchPhases({
    addedAt: task.createdAt,
    startedAt: task.startedAt,
    launchedAt: attempt.launchedAt,
    pullStartedAt: look?.pullStartedAt ?? null,
    pullStoppedAt: look?.pullStoppedAt ?? null,
    runningAt: look?.startedAt ?? attempt.runningAt,
    enrolledAt: attempt.enrolledAt,
    readyAt: attempt.readyAt,
    verifiedAt: attempt.sshVerifiedAt,
  });
  const known = LAUNCH_PHASES.flatMap((phase) => {
    const seconds = phases[phase];
    return seconds === undefined ? [] : [`${phase} ${seconds.toFixed(1)} s`];
  });
  return `Its launch took: ${known.join(', ')}.`;
}
