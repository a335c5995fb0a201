import { decideStep } from '../../../controlplane/statetable/decide-step.ts';
import { finalExit, type TaskExit } from '../../../controlplane/statetable/final-exit.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { UNSTARTED, type Position } from '../../../controlplane/statetable/position.ts';
import type { Decision, StepEvent } from '../../../controlplane/statetable/step.ts';
import { explainStop } from '../../../controlplane/containers/causes.ts';
import type { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { AgentAccess, LivenessView, WipContext } from '../../../controlplane/tasks/context.ts';
import { messageOf } from '../../../shared/model/error.ts';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import { exited, FakeContext, processStatus } from '../../kit/wip-context.ts';

const KILLED = {
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
  containerReason: null,
  exitCode: 137,
  agentCause: null,
};

/** What the witnesses know of a container that was killed without a word. */
function killed(): LivenessView {
  const { sentence, remedy, cause, fault, retry } = explainStop(KILLED);
  return { verdict: 'terminated', sentence: `${sentence}. ${remedy}.`, cause, fault, retry };
}

const STEP = { name: 'all', type: 'script', script: ['make'], line: 1, scriptLines: [2] };
const BUILD_FILE = {
  ...{ version: '1.0.0', variables: { global: {} }, sshKeys: {}, services: [], warnings: [] },
  ...{ events: { build: { steps: [STEP] } }, fileName: 'acquia-pipelines.yaml', commit: 'c' },
};

/** A task in the middle of its work, whose container lives until the test lets it die. */
class MortalContext extends FakeContext {
  isAlive = true;
  /** Whether processes are still running when they were just started. */
  areProcessesSlow = false;
  override attempt = {
    ...{ number: 1, output: null, exit: null, verified: true },
    ready: { classId: CLASS_ID.ready, pid: 1, startTime: 0 } as const,
  };

  constructor() {
    super();
    this.memory['home'] = '/home/local';
    this.memory['buildFile'] = BUILD_FILE;
    this.scripted.kill = () => {
      this.scripted.isStopped = true;
      return Promise.resolve();
    };
    const disk = { freeBytes: 1, totalBytes: 2, usedPercent: 50 };
    const limits = { maxTimeSeconds: null, maxDiskBytes: null };
    const health = { nonce: null, agentVersion: '1', phase: 'ready' as const, uptimeSeconds: 1, limits, disk };
    this.answers.health = { kind: 'ok', value: { ...health, processes: [], environmentSet: true } };
  }

  die(): void {
    this.isAlive = false;
    this.answers = { write: REFUSED, shutdown: REFUSED };
    this.view = killed();
    this.scripted.isStopped = true;
    this.scripted.place = null;
  }

  override get agent(): AgentAccess {
    const agent = super.agent;
    if (!this.isAlive) return agent;
    const start = this.areProcessesSlow ? processStatus() : exited(0);
    const text = this.state === 'exportBuildFileAsJson' ? JSON.stringify(BUILD_FILE) : '/home/local';
    return {
      ...agent,
      startProcess: () => Promise.resolve({ kind: 'ok', value: start }),
      processStatus: () => Promise.resolve({ kind: 'ok', value: start }),
      output: () => Promise.resolve({ kind: 'ok', value: text }),
    };
  }
}

const REFUSED = { kind: 'ssh-failed', code: 'SSH_REFUSED', message: 'The port is closed.', retryable: true } as const;

/** When the container dies, seen from the state: before its method, before its first answer, after it, or never. */
export type Death = 'before it is entered' | 'before its first answer' | 'while it waits' | 'never';

export interface WalkedEnd {
  /** The states that were entered, the first one included. */
  readonly entered: readonly string[];
  /** The answers of the states, in order. */
  readonly answers: readonly string[];
  /** The state that the task was in when its container died. */
  readonly diedIn: string | null;
  readonly exit: TaskExit;
}

// Far more than the longest way through a table with all its waits.
const MAX_DECISIONS = 2_000;

/** Runs the methods of a task from `state` to its end, in virtual time. */
export async function walkFrom(wip: BasicWip, state: string, death: Death): Promise<WalkedEnd> {
  const context = new MortalContext();
  const table = parseStateTable(wip.getStateTable());
  context.areProcessesSlow = death === 'while it waits';
  await launchFirst(wip, context);
  let diedIn: string | null = null;
  const die = (at: string): void => {
    context.die();
    diedIn = at;
  };
  if (death === 'before it is entered') die(state);
  const entered: string[] = [];
  const answers: string[] = [];
  let asked = 0;
  let position: Position = {
    ...UNSTARTED,
    entering: { state, way: 'row', from: state, value: '', rowValue: '', waitSeconds: 0, cause: null },
  };
  let event: StepEvent = { kind: 'begin', terminateRequested: false, wake: 'due' };
  for (let step = 0; step < MAX_DECISIONS; step += 1) {
    const decision: Decision = decideStep(table, position, event);
    ({ position } = decision);
    const { instruction } = decision;
    switch (instruction.kind) {
      case 'ask':
        if (asked === 0 && death === 'before its first answer') die(instruction.state);
        if (asked === 1 && death === 'while it waits') die(instruction.state);
        asked += 1;
        context.state = instruction.state;
        event = await call(wip, instruction.method, context, 'ask');
        if (event.kind === 'answered') answers.push(String(event.value));
        break;
      case 'enter':
        entered.push(instruction.state);
        context.state = instruction.state;
        context.entry = instruction.entry;
        event = await call(wip, instruction.state, context, 'enter', instruction.cause);
        break;
      case 'wait':
      case 'keep-waiting':
        context.passSeconds(instruction.kind === 'wait' ? instruction.seconds : 1);
        event = { kind: 'begin', terminateRequested: false, wake: 'due' };
        break;
      case 'complete': {
        const set = context.exited ?? { status: 'NOT_FINISHED', message: '' };
        return { entered, answers, diedIn, exit: finalExit(set, instruction.exit) };
      }
    }
  }
  throw new Error(`the task never ends from ${state}: ${entered.slice(-10).join(' → ')}`);
}

/** A task whose container runs has launched it: the states of the blocks share what is known of the launch. */
async function launchFirst(wip: BasicWip, context: MortalContext): Promise<void> {
  context.state = 'containerWipInvoke';
  await call(wip, context.state, context, 'enter');
  context.state = 'containerWipSetupEnvironment';
  await call(wip, context.state, context, 'enter');
}

async function call(
  wip: BasicWip,
  name: string,
  context: WipContext,
  what: 'ask' | 'enter',
  cause: unknown = null,
): Promise<StepEvent> {
  const method: unknown = Reflect.get(wip, name);
  if (typeof method !== 'function') throw new Error(`${wip.kind} has no method ${name}`);
  try {
    const value: unknown = await Promise.resolve(Reflect.apply(method, wip, [context, cause ?? undefined]));
    return what === 'ask' ? { kind: 'answered', value } : { kind: 'entered' };
  } catch (error) {
    return { kind: what === 'ask' ? 'method-threw' : 'state-threw', message: messageOf(error) };
  }
}
