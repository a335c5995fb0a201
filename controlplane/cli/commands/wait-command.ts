import type { Command } from 'commander';
import { messageOf } from '../../../shared/model/error.ts';
import { isSuccess } from '../../../shared/model/status.ts';
import { backoffMs } from '../../../shared/time/backoff.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { CliContext } from '../cli-context.ts';
import { mayComeBack, PATIENCE_MS, RETRY } from '../client/may-come-back.ts';
import type { WipClient } from '../client/wip-client.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { endSentence } from '../output/task-end-sentence.ts';
import { paintFor } from '../output/text.ts';
import { clientCommand, connect, type ClientOptions } from './client-command.ts';
import { eachTask, parseTaskIds } from './each-task.ts';
import { parseDurationMs } from './parse-time.ts';

interface WaitOptions extends ClientOptions {
  readonly timeout?: string;
}

/** Thrown when the wait ends before its task does. */
class WaitOver extends Error {
  readonly reason: 'timeout' | 'interrupted';
  constructor(reason: 'timeout' | 'interrupted') {
    super(reason);
    this.reason = reason;
  }
}

// A build takes minutes: the task is polled often at first, then as often as a person would check.
const POLL = { firstMs: 250, maxMs: 2_000, factor: 1.3 };

export function waitCommand(context: CliContext): Command {
  return clientCommand(
    'wait',
    'Wait until tasks have ended, and say how. Exits with 0 when all of them succeeded, 1 when one did not, ' +
      `${EXIT_CODE.TIMED_OUT} when the time was over first; the tasks then go on.`,
    ['wait 7', 'wait 7 8 9 --timeout 30m', 'wait 7 && wipctl restart 8'],
  )
    .argument('<tasks...>', 'numbers of tasks')
    .option('--timeout <duration>', 'give up after so long: 90s, 30m, 2h, 1d (default: never)')
    .action(async (given: readonly string[], options: WaitOptions) => {
      const ids = parseTaskIds(given);
      const timeoutMs = options.timeout === undefined ? Infinity : parseDurationMs(options.timeout);
      const endsAtMs = context.clock.monotonicMs() + timeoutMs;
      const wait: Wait = { endsAtMs, abort: context.onInterrupt(), hasAnswered: false };
      const client = connect(options, context);
      const paint = paintFor(context.out, context.environment);
      const textOf = (task: TaskView): string => paint(isSuccess(task.exitStatus) ? 'green' : 'red', endSentence(task));
      const exitCodeOf = ({ exitStatus }: TaskView): number =>
        isSuccess(exitStatus) ? EXIT_CODE.OK : EXIT_CODE.BUILD_FAILED;
      const act = (id: number): Promise<TaskView> => untilEnded(client, id, wait, context);
      try {
        await eachTask(ids, { act, textOf, exitCodeOf }, options.json ? 'one' : 'none', context);
      } catch (error) {
        if (!(error instanceof WaitOver)) throw error;
        reportOver(error.reason, options, context);
      }
    });
}

function reportOver(reason: WaitOver['reason'], { timeout }: WaitOptions, context: CliContext): void {
  const text = reason === 'timeout' ? `Not ended within ${timeout ?? ''}` : 'Stopped waiting';
  context.err.write(`${text}; the task goes on.\n`);
  context.setExitCode(reason === 'timeout' ? EXIT_CODE.TIMED_OUT : EXIT_CODE.INTERRUPTED);
}

interface Wait {
  readonly endsAtMs: number;
  readonly abort: AbortSignal;
  /** Whether the server has answered once. */
  hasAnswered: boolean;
}

async function untilEnded(client: WipClient, id: number, wait: Wait, { clock, err }: CliContext): Promise<TaskView> {
  let failures = 0;
  let waitedMs = 0; // since the connection was lost
  for (let tries = 1; ; tries += 1) {
    try {
      const task = await client.findTask(id);
      wait.hasAnswered = true;
      if (task.status === 'COMPLETE') return task;
      failures = waitedMs = 0;
    } catch (error) {
      // A server that was never reached is not a lost connection: a mistyped address must fail at once.
      if (!wait.hasAnswered || waitedMs >= PATIENCE_MS || !mayComeBack(error)) throw error;
      if (failures === 0) err.write(`The connection was lost (${messageOf(error)}); trying again.\n`);
      failures += 1;
    }
    const leftMs = wait.endsAtMs - clock.monotonicMs();
    if (wait.abort.aborted) throw new WaitOver('interrupted');
    if (leftMs <= 0) throw new WaitOver('timeout');
    const pauseMs = failures === 0 ? backoffMs(POLL, tries, Math.random) : backoffMs(RETRY, failures, Math.random);
    if (failures > 0) waitedMs += pauseMs;
    await clock.sleep(Math.min(pauseMs, leftMs), wait.abort);
  }
}
