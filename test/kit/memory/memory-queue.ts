import { TaskId } from '../../../shared/model/ids.ts';
import type { CauseService } from '../../../controlplane/api/causes/cause-service.ts';
import type { CausesAnswer, SeenBeforeAnswer } from '../../../controlplane/api/causes/cause-views.ts';
import type { QueueService } from '../../../controlplane/api/queue/queue-service.ts';
import type { QueueView } from '../../../controlplane/api/queue/queue-views.ts';

/** The service of queues in memory: a test says what it answers for which task. */
export interface MemoryQueue extends QueueService {
  readonly views: Map<number, QueueView>;
}

const NOT_QUEUED: QueueView = { gates: [], position: null, of: null, expectedStartAt: null, usualSeconds: null };

export function createMemoryQueue(): MemoryQueue {
  const views = new Map<number, QueueView>();
  return {
    views,
    readQueue: async (id) => views.get(id) ?? NOT_QUEUED,
    // Of all groups: the route leaves out what is not of the group that it was asked for.
    async readGroupQueue() {
      const first = [...views].flatMap(([id, { position, expectedStartAt, gates }]) =>
        position === null
          ? []
          : [{ id: TaskId.parse(id), position, expectedStartAt, closed: gates.filter(({ isOpen }) => !isOpen) }],
      );
      return { of: first.length, usualSeconds: null, first: first.sort((a, b) => a.position - b.position) };
    },
  };
}

/** The service of causes in memory. */
export interface MemoryCauses extends CauseService {
  causes: CausesAnswer['causes'];
  readonly seen: Map<number, SeenBeforeAnswer>;
  /** What it was asked for. */
  readonly asked: Parameters<CauseService['countCauses']>[];
}

export function createMemoryCauses(): MemoryCauses {
  const none = { cause: null, count: 0, isMore: false, lastAt: null, lastTaskId: null };
  return {
    causes: [],
    seen: new Map(),
    asked: [],
    async countCauses(period, visible) {
      this.asked.push([period, visible]);
      return { since: period.since.toISOString(), until: period.until.toISOString(), causes: this.causes };
    },
    async countSeenBefore(id) {
      return this.seen.get(id) ?? none;
    },
  };
}
