import { describe, expect, it } from 'vitest';
import { explainStop, type StopEvidence } from '../../../controlplane/containers/causes/causes.ts';
import { ContainerWip } from '../../../controlplane/tasks/container/container-wip.ts';
import { CONTAINER_OPTIONS } from '../../../controlplane/tasks/container/container-wip-options.ts';
import type { AttemptView, LivenessView, WipContext } from '../../../controlplane/tasks/context.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';
import { decideEndOfContainer } from '../../../controlplane/tasks/container/last-words.ts';
import type { StopCause } from '../../../shared/model/stop-cause.ts';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import { simulateChecked } from '../../testkit/simulate-task.ts';
import { checkWorld } from '../../testkit/simulated-world.ts';

const READY = { classId: CLASS_ID.ready, pid: 1, startTime: 0 } as const;
const STARTED: AttemptView = { number: 1, ready: READY, output: null, exit: null, verified: true };
const UNSTARTED: AttemptView = { ...STARTED, ready: null, verified: false };

/** Returns what the witnesses know of a container that ended as ECS says. */
function viewOf(stop: Partial<StopEvidence>): LivenessView {
  const nothing = { stopCode: null, stoppedReason: null, containerReason: null, exitCode: null, agentCause: null };
  const { sentence, remedy, cause, fault, retry, evidence } = explainStop({ ...nothing, ...stop });
  const whole = { sentence: `${sentence}. ${remedy}.`, evidence: evidence.join('; ') };
  return { verdict: 'terminated', ...whole, cause, fault, retry };
}

function said(cause: StopCause, exitLog: string): AttemptView {
  return { ...STARTED, output: { classId: CLASS_ID.output, exitLog, log: 'compiling', cause } };
}

const oom = viewOf({ exitCode: 137, containerReason: 'OutOfMemoryError: Container killed due to memory usage' });
const byOperator = { stopCode: 'UserInitiated', stoppedReason: 'maintenance' };

describe('the status line of a task whose container died', () => {
  it.each<[string, AttemptView, LivenessView, string, RegExp]>([
    [
      'a kill without a word',
      STARTED,
      viewOf({ exitCode: 137 }),
      'ERROR_SYSTEM killed',
      /^The container terminated unexpectedly\. The container was killed \(exit code 137\)/,
    ],
    [
      'an end that ECS knows nothing of',
      STARTED,
      viewOf({ exitCode: null }),
      'ERROR_SYSTEM exit-code-unknown',
      /^The container terminated unexpectedly\. The container ended and ECS does not know its exit code\./,
    ],
    [
      'a reason of ECS that nobody knows',
      STARTED,
      viewOf({ stoppedReason: 'The gremlin was hungry.', exitCode: 1 }),
      'ERROR_SYSTEM unknown',
      /^The container terminated unexpectedly\. The container ended for a reason that is not known here: The gremlin was hungry\. Read/,
    ],
    [
      'the memory limit of the container itself, which is the error of the user',
      STARTED,
      oom,
      'ERROR_USER out-of-memory',
      /^The container needed more memory than its limit and was killed\. Make the build use less memory/,
    ],
    [
      'a start that failed, which is no termination',
      UNSTARTED,
      viewOf({ stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: manifest unknown' }),
      'ERROR_SYSTEM image-not-found',
      /^The image does not exist in its registry\./,
    ],
    [
      'a limit that the agent enforced',
      said('limit-time', 'The time limit was exceeded.'),
      viewOf({ agentCause: 'limit-time' }),
      'ERROR_USER limit-time',
      /^The time limit was exceeded\.$/,
    ],
    [
      'a SIGTERM, of which the agent cannot see the sender',
      said('sigterm', 'The container was stopped from outside (SIGTERM).'),
      viewOf({ agentCause: 'sigterm', ...byOperator }),
      'ERROR_SYSTEM stopped-by-operator',
      /^The container was stopped from outside \(SIGTERM\)\. Somebody stopped the container in ECS \(maintenance\)\./,
    ],
    [
      'a SIGTERM before ECS says that it has ended: not an unknown exit code',
      said('sigterm', 'The container was stopped from outside (SIGTERM).'),
      viewOf({ agentCause: 'sigterm' }),
      'ERROR_SYSTEM stopped',
      /\. The container was told to stop \(exit code 143\)\./,
    ],
    [
      'a shutdown file that nobody outside asked for, which a process in the container touched',
      said('shutdown-file', 'The container was told to shut down.'),
      viewOf({ agentCause: 'shutdown-file' }),
      'ERROR_USER shutdown-file',
      /^A process in the container touched the shutdown file, which ends the container\. Find the step/,
    ],
    [
      'such a file when no process ran, so that only the exit signal came',
      STARTED,
      viewOf({ agentCause: 'shutdown-file', exitCode: 0 }),
      'ERROR_USER shutdown-file',
      /^A process in the container touched the shutdown file/,
    ],
  ])('says why: %s', (_what, attempt, view, verdict, message) => {
    const end = decideEndOfContainer(attempt, view, { wasReleased: false, killedFor: null });
    expect(`${end.status} ${end.cause}`).toBe(verdict);
    expect(end.message).toMatch(message);
  });

  it('keeps the facts for whoever opens the detail', () => {
    // The remedy is that of the cause, and not of what ECS made of the exit code.
    const killed = decideEndOfContainer(STARTED, oom, { wasReleased: false, killedFor: 'limit-disk' });
    expect(killed.row?.remedy).toMatch(/higher disk limit/);
    const { detail } = decideEndOfContainer(STARTED, oom, { wasReleased: false, killedFor: null });
    expect(detail).toContain('OutOfMemoryError');
    expect(decideEndOfContainer(said('limit-disk', 'Full.'), oom, { wasReleased: false, killedFor: null }).detail).toBe(
      'compiling',
    );
  });
});

/** Asks its first container to shut down, waits for an end of the second, and remembers the cause of each end. */
class TwoContainers extends ContainerWip {
  override getStateTable(): string {
    return `
${this.getContainerStartTable('work', 'finish', 'ended')}
work:whatToDo {
  release  containerWipRelease
  over     ended
  wait     work wait=60 exec=false
}
containerWipRelease:whatToDo {
  over     ended
  *        containerWipRelease wait=5 exec=false
}
ended:whatNext {
  another  containerWipInvoke
  enough   finish
}
`;
  }

  work(): void {}

  async whatToDo(context: WipContext): Promise<string> {
    if ((await this.checkContainerResultStatus(context)) === 'terminated') return 'over';
    return context.attempt?.number === 1 ? 'release' : 'wait';
  }

  async ended(context: WipContext): Promise<void> {
    await this.containerTerminated(context);
    context.memory[`cause of ${context.attempt?.number}`] = context.exited?.cause;
  }

  whatNext({ attempt }: WipContext): string {
    return attempt?.number === 1 ? 'another' : 'enough';
  }
}

describe('a shutdown file in a container that the task itself has asked to shut down', () => {
  const kind = defineWip({
    kind: 'TwoContainers',
    version: 1,
    options: CONTAINER_OPTIONS,
    create: (task) => new TwoContainers(task),
  });

  it('is the act of the task and of nobody else, and somebody else’s act again in the next container', async () => {
    // No node takes its table, which stops no container at its end.
    const script = { containers: [{}, { end: { after: 30, cause: 'shutdown-file' as const } }] };
    const { memory } = await simulateChecked(kind, script, checkWorld(undefined));
    expect(memory).toEqual({ 'cause of 1': 'released', 'cause of 2': 'shutdown-file' });
  });
});
