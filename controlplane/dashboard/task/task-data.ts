import { signal } from '@preact/signals';
import type { SeenBeforeAnswer } from '../../api/causes/cause-views.ts';
import type { AttemptDetail, TaskUsageAnswer } from '../../api/tasks/task-detail-views.ts';
import type { LogView, StepView } from '../../api/tasks/recording/task-recording-views.ts';
import { followEvents } from '../server/event-stream.ts';
import { onWake } from '../server/poll.ts';
import { api, bodyOf, type RequestRefused } from '../server/request.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { hasFailed } from '../status-words.ts';
import { OutputLines, type ReceivedPiece } from './output/output-lines.ts';

/** A burst of output is drawn once in this time; two frames of a screen. */
const DRAW_MS = 33;
const DETAILS_MS = 5_000;
/** ECS says of a container that it has stopped some seconds after its task has ended. */
const LATE_DETAILS_MS = 120_000;
/** A task that has ended can be restarted by somebody else, and its container may still tell something. */
const ENDED_MS = 10_000;

/** Everything that is known of one task, kept true while its page is shown. */
export class TaskData {
  readonly id: number;
  readonly task = signal<TaskView | null>(null);
  readonly steps = signal<readonly StepView[]>([]);
  readonly logs = signal<readonly LogView[]>([]);
  readonly attempts = signal<readonly AttemptDetail[]>([]);
  readonly usage = signal<TaskUsageAnswer | null>(null);
  /** How often the group of a failed task has failed in the same way before. */
  readonly seenBefore = signal<SeenBeforeAnswer | null>(null);
  readonly refusal = signal<RequestRefused | null>(null);
  /** Everything was received that will ever be there. */
  readonly isComplete = signal(false);
  readonly output = new OutputLines();
  /** Grows whenever the output has. */
  readonly outputVersion = signal(0);
  readonly #waiting = { steps: [] as StepView[], logs: [] as LogView[], hasOutput: false };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #detailsOf = '';

  constructor(id: number) {
    this.id = id;
  }

  /** Returns the function that stops it. */
  start(): () => void {
    const stop = new AbortController();
    const details = setInterval(() => {
      if (this.#mayDetailsChange()) this.#readDetails();
    }, DETAILS_MS);
    void this.#follow(stop.signal);
    return () => {
      stop.abort();
      clearInterval(details);
      clearTimeout(this.#timer);
    };
  }

  /** Follows the task to its end, and again from there on when somebody restarts it. */
  async #follow(stop: AbortSignal): Promise<void> {
    let lastId: string | undefined;
    while (!stop.aborted) {
      lastId = await followEvents(
        `/v1/tasks/${this.id}/stream`,
        {
          onEvent: (event, data) => this.#take(event, data),
          onRefused: (refusal) => void (this.refusal.value = refusal),
        },
        stop,
        lastId,
      );
      this.#draw();
      if (!this.isComplete.value) return;
      await this.#untilRestarted(stop);
      this.isComplete.value = false;
    }
  }

  async #untilRestarted(stop: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        void bodyOf(api.GET('/v1/tasks/{id}', { params: { path: { id: this.id } } })).then(
          (task) => {
            if (task.status !== 'COMPLETE') end();
            // The last words of a container may come after the end of its task, with what it used.
            else if (JSON.stringify(task) !== JSON.stringify(this.task.value)) this.#takeTask(task);
          },
          () => undefined, // the banner tells that the node is away; a removed task stays as it is shown
        );
      };
      const end = (): void => {
        clearInterval(timer);
        stopWaking();
        resolve();
      };
      const timer = setInterval(look, ENDED_MS);
      const stopWaking = onWake(look);
      stop.addEventListener('abort', end);
    });
  }

  /** Returns false after the last event. */
  #take(event: string, data: string): boolean {
    const value: unknown = JSON.parse(data);
    if (event === 'output') {
      this.output.append(value as ReceivedPiece);
      this.#waiting.hasOutput = true;
    } else if (event === 'state') this.#waiting.steps.push(value as StepView);
    else if (event === 'log') this.#waiting.logs.push(value as LogView);
    else if (event === 'task' || event === 'end') this.#takeTask(value as TaskView);
    this.#timer ??= setTimeout(() => this.#draw(), DRAW_MS);
    if (event !== 'end') return true;
    this.isComplete.value = true;
    this.#readDetails();
    return false;
  }

  #takeTask(task: TaskView): void {
    this.task.value = task;
    const details = JSON.stringify([task.attempts, task.status]);
    if (details === this.#detailsOf) return;
    this.#detailsOf = details;
    this.#readDetails();
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { steps, logs, hasOutput } = this.#waiting;
    if (steps.length > 0) this.steps.value = [...this.steps.value, ...steps.splice(0)];
    if (logs.length > 0) this.logs.value = [...this.logs.value, ...logs.splice(0)];
    this.#waiting.hasOutput = false;
    if (hasOutput) this.outputVersion.value += 1;
  }

  #mayDetailsChange(): boolean {
    const task = this.task.value;
    if (!task?.startedAt) return false;
    if (task.completedAt === null) return true;
    const isStopping = this.attempts.value.some(({ endedAt }) => endedAt === null);
    return isStopping && Date.now() - Date.parse(task.completedAt) < LATE_DETAILS_MS;
  }

  #readDetails(): void {
    const read = async (): Promise<void> => {
      const isFailed = this.task.value !== null && hasFailed(this.task.value);
      const [attempts, usage, seenBefore] = await Promise.all([
        bodyOf(api.GET('/v1/tasks/{id}/attempts', { params: { path: { id: this.id } } })),
        bodyOf(api.GET('/v1/tasks/{id}/usage', { params: { path: { id: this.id }, query: { limit: 3000 } } })),
        isFailed ? bodyOf(api.GET('/v1/tasks/{id}/seen-before', { params: { path: { id: this.id } } })) : null,
      ]);
      this.attempts.value = attempts.attempts;
      this.usage.value = usage;
      this.seenBefore.value = seenBefore;
    };
    read().catch(() => undefined); // what was read before stays, with its age; the banner tells that the node is away
  }
}
