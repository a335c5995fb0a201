import { setImmediate } from 'node:timers/promises';
import type { ActionContext } from '../../controlplane/localecs/operations/action-context.ts';
import { AgentConnections } from '../../controlplane/localecs/placement/agent-connections.ts';
import { answerCall } from '../../controlplane/localecs/protocol/answer-call.ts';
import { AwsError } from '../../controlplane/localecs/protocol/aws-error.ts';
import { answerEc2 } from '../../controlplane/localecs/operations/ec2-query.ts';
import { isAgentReached } from '../../controlplane/localecs/placement/container-instances.ts';
import { createFaults } from '../../controlplane/localecs/faults/faults.ts';
import { injectFaults } from '../../controlplane/localecs/faults/inject-fault.ts';
import { emptyState, LocalState } from '../../controlplane/localecs/local-state.ts';
import { parseCallBody } from '../../controlplane/localecs/protocol/parse-call-body.ts';
import { TaskLifecycles } from '../../controlplane/localecs/task-lifecycles.ts';
import { Secret } from '../../shared/keys/secret.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { VirtualClock } from '../testkit/world/virtual-clock.ts';
import { BARE_LAUNCHER } from './bare-launcher.ts';
import { readRequest, splitRequests, type EcsRequest } from './ecs-requests.ts';

const START = new Date('2026-03-01T12:00:00Z');
const DELAYS = { PROVISIONING: 5, PENDING: 5, ACTIVATING: 5, DEACTIVATING: 5, STOPPING: 5, DEPROVISIONING: 5 };
/** After this time local ECS forgets tasks that have stopped, and client tokens. */
const LONG_SECONDS = 25 * 60 * 60;
/** More statuses than the tasks of one input can go through. */
const MAX_EVENTS = 1_000;
const FORM = 'application/x-www-form-urlencoded';

/** The actions of local ECS without a socket, a file or a timer. New for each input. */
export class EcsActions {
  readonly #clock = new VirtualClock(START);
  readonly #log = new RecordingLog();
  readonly #context: ActionContext;

  constructor() {
    const clock = this.#clock;
    const state = emptyState(['default']);
    const faults = createFaults(clock);
    const save = (): Promise<void> => Promise.resolve();
    const findDefinition = (arn: string) => state.definitions[arn];
    const machines = { state, region: 'local', instances: 2 };
    const connections = new AgentConnections((task) => isAgentReached(machines, task));
    const deps = {
      launcher: BARE_LAUNCHER,
      delays: DELAYS,
      save,
      onUnsaved: () => undefined,
      findDefinition,
      connections,
    };
    let last = 0;
    this.#context = {
      ...machines,
      save,
      lifecycles: new TaskLifecycles('', { ...deps, faults, clock }, this.#log),
      connections,
      faults,
      // The server in front of the actions checks the key.
      accessKey: { accessKeyId: 'WIPLOCAL00000000', secretAccessKey: new Secret('unused') },
      resources: { cpu: 2048, memory: 4096 },
      bindAddress: '127.0.0.1',
      machineAddress: '127.0.0.1',
      whyRefused: () => null,
      isClosing: () => false,
      clock,
      callersClock: clock,
      newId: () => String((last += 1)).padStart(32, '0'),
    };
  }

  /** Makes each call of the input, and lets tasks go on between the calls. */
  async run(input: Buffer): Promise<void> {
    let areErrorsWanted = false;
    for (const part of splitRequests(input)) {
      const request = readRequest(part);
      await this.#call(request, areErrorsWanted);
      areErrorsWanted ||= this.#context.faults.list().length > 0;
      await this.#passTime(request.body.length % 8);
    }
    await this.#untilStill();
    this.#checkState();
  }

  /** Throws what local ECS would answer as its own failure, unless a fault asked for one. */
  async #call(request: EcsRequest, areErrorsWanted: boolean): Promise<void> {
    try {
      JSON.stringify(await this.#answer(request));
    } catch (error) {
      const isAwsError = error instanceof AwsError && (error.status < 500 || areErrorsWanted);
      if (!isAwsError) throw error;
    }
  }

  async #answer({ action, target, header, body }: EcsRequest): Promise<object | null> {
    if (target === '/_faults') await injectFaults(this.#context, parseCallBody(body));
    if (target === '/_faults') return { faults: this.#context.faults.list() };
    const isQuery = header.name.toLowerCase() === 'content-type' && header.value.startsWith(FORM);
    return isQuery ? answerEc2(this.#context, new URLSearchParams(body)) : answerCall(this.#context, action, body);
  }

  /** Lets tasks go through some of their statuses, or, with the highest number, very much time pass. */
  async #passTime(events: number): Promise<void> {
    if (!this.#hasTasks()) return;
    if (events === 7) return this.#clock.advanceSeconds(LONG_SECONDS);
    for (let count = 0; count < events; count += 1) await this.#next();
  }

  #hasTasks(): boolean {
    return Object.keys(this.#context.state.tasks).length > 0;
  }

  /** Returns when nothing happens any more without another call. */
  async #untilStill(): Promise<void> {
    if (!this.#hasTasks()) return;
    for (let count = 0; count < MAX_EVENTS; count += 1) if (!(await this.#next())) return;
    throw new Error('the tasks never come to rest');
  }

  /** Advances the time to the next event, with all that follows from it. Returns false when there is none. */
  async #next(): Promise<boolean> {
    await setImmediate(); // what follows from the event before may plan another
    const atMs = this.#clock.nextEventMs();
    if (atMs === null) return false;
    this.#clock.advanceTo(atMs);
    return true;
  }

  /** Throws unless a restart would find the same tables in the state file, and every task has come to rest. */
  #checkState(): void {
    const { state } = this.#context;
    const restarted = LocalState.parse(JSON.parse(JSON.stringify(state)));
    const names = ({ clusters, definitions, tasks, clientTokens }: LocalState): string =>
      JSON.stringify([clusters, definitions, tasks, clientTokens].map((table) => Object.keys(table)));
    if (names(restarted) !== names(state)) throw new Error(`${names(state)} became ${names(restarted)}`);
    const moving = Object.values(state.tasks).find(
      (task) => task.lastStatus !== task.desiredStatus && isAgentReached(this.#context, task),
    );
    if (moving) throw new Error(`a task that should be ${moving.desiredStatus} rests in ${moving.lastStatus}`);
    const failed = this.#log.entries.find(({ level }) => level === 'error');
    if (failed) throw new Error(`${failed.message}: ${JSON.stringify(failed.fields)}`);
  }
}
