import type { TaskDetailService } from '../../../controlplane/api/tasks/task-detail-service.ts';
import type { TaskRecordingService } from '../../../controlplane/api/tasks/recording/task-recording-service.ts';
import { MemoryTasks } from './memory-tasks.ts';

/** What was recorded of the tasks, in memory: steps, logs, output, attempts, usage and events. */
export class MemoryRecordings extends MemoryTasks {
  /** Attempt uuid → the SSH host key that it enrolled with. */
  readonly hostKeys = new Map<string, string>();

  readonly readSteps: TaskRecordingService['readSteps'] = async (id, { after, limit }) =>
    this.taskOf(id)
      .steps.filter((step) => step.number > after)
      .slice(0, limit);

  readonly readLogs: TaskRecordingService['readLogs'] = async (id, { after, limit, only }) =>
    this.taskOf(id)
      .logs.filter((log) => log.id > after && (only === 'all' || log.userReadable))
      .slice(0, limit);

  readOutputPieces: TaskRecordingService['readOutputPieces'] = async (id, { after, before, since, limit }) => {
    const pieces = this.taskOf(id).pieces.filter(
      (piece) => piece.id > after && piece.id < (before ?? Infinity) && new Date(piece.at) >= (since ?? new Date(0)),
    );
    const page = before === undefined ? pieces.slice(0, limit) : pieces.slice(-limit);
    return {
      pieces: page.map((piece) => ({ ...piece, length: piece.data.length, data: [piece.data.toString('base64')] })),
      isFull: page.length === limit,
    };
  };

  readonly readOutput: TaskRecordingService['readOutput'] = async (id, { stream, offset, maxBytes }) => {
    const pieces = this.taskOf(id).pieces.filter((piece) => piece.stream === stream);
    const whole = Buffer.concat(pieces.map((piece) => piece.data));
    const data = whole.subarray(offset, offset + maxBytes);
    return { data, nextOffset: offset + data.length, omittedBytes: 0 };
  };

  readonly listAttempts: TaskDetailService['listAttempts'] = async (id) =>
    this.taskOf(id).facts.attempts.map((attempt) => ({
      ...attempt,
      taskDefinition: null,
      agentVersion: null,
      endpoint: null,
      sshHostKey: this.hostKeys.get(attempt.uuid) ?? null,
      launchedAt: null,
      runningAt: null,
      enrolledAt: null,
      sshVerifiedAt: null,
      ecsSeenAt: null,
      sshProvenAt: null,
      agentSeenAt: null,
      ecsWitness: { lastStatus: 'RUNNING' },
      sshWitness: { kind: 'proved' },
    }));
  readonly listUsageSamples: TaskDetailService['listUsageSamples'] = async (id, { since, limit }) =>
    this.taskOf(id)
      .samples.filter((sample) => since === null || new Date(sample.at) > since)
      .slice(0, limit);
  readonly listEvents: TaskDetailService['listEvents'] = async (id) => this.taskOf(id).events;
  readonly readSimulationScript: TaskDetailService['readSimulationScript'] = async (id) =>
    this.taskOf(id)
      .steps.map(({ to }) => `${to} { '' }\n`)
      .join('');
}
