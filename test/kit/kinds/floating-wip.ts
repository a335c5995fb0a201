import { z } from 'zod';
import { BASIC_OPTIONS, BasicWip, type FailureCause, type TaskCommits } from '../../../controlplane/tasks/basic-wip.ts';
import type { WantedSize } from '../../../controlplane/containers/rules/wanted-size.ts';
import { ContainerWip } from '../../../controlplane/tasks/container/container-wip.ts';
import {
  CONTAINER_OPTIONS,
  type ContainerWipOptions,
} from '../../../controlplane/tasks/container/container-wip-options.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { NO_TASK } from '../../../controlplane/tasks/checks/no-task.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';

const TABLE = `
start {
  * throws
}
throws {
  * rejects
  ! finish
}
rejects {
  * finish
}
terminate {
  * finish
}
failure {
  * finish
}
`;

/** Leaves errors to nobody: a timer in one state, and a promise that it does not wait for in the next. */
class FloatingWip extends BasicWip {
  override get kind(): string {
    return 'Floating';
  }

  override getStateTable(): string {
    return TABLE;
  }

  async rejects(): Promise<void> {
    void Promise.reject(new Error('the scan was refused'));
    // The rejection is found while the method still runs.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  throws(): void {
    // When the method is over.
    setTimeout(() => {
      throw new Error('the timer failed');
    }, 20);
  }
}

export const FLOATING = defineWip({
  kind: 'Floating',
  version: 1,
  options: BASIC_OPTIONS,
  create: (task) => new FloatingWip(task),
});

/** Waits for its node to end, and throws when it does. */
class ListeningWip extends BasicWip {
  override get kind(): string {
    return 'Listening';
  }

  override async start({ signal }: WipContext): Promise<void> {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
        throw new Error('the listener failed');
      });
    });
  }
}

export const LISTENING = defineWip({
  kind: 'Listening',
  version: 1,
  options: BASIC_OPTIONS,
  create: (task) => new ListeningWip(task),
});

/** Says of each real task that its size, its clusters and its commits are yet to be found out. */
class UnsizedWip extends ContainerWip<ContainerWipOptions> {
  override get kind(): string {
    return 'Unsized';
  }

  override get containerSize(): WantedSize {
    return this.#yetToCome({});
  }

  override get clusters(): readonly string[] {
    return this.#yetToCome([]);
  }

  override commits(): TaskCommits {
    return this.#yetToCome({ builtCommit: null, artefactCommit: null });
  }

  #yetToCome<T>(ofNoTask: T): T {
    const isFine = this.task.uuid === NO_TASK.uuid;
    return isFine ? ofNoTask : (Promise.reject(new Error('the service of sizes is away')) as T);
  }
}

export const UNSIZED = defineWip({
  kind: 'Unsized',
  version: 1,
  options: CONTAINER_OPTIONS,
  create: (task) => new UnsizedWip(task),
});

/** Leaves errors to nobody in the ways that a compiler takes: each state one, told by the next. */
const LEFT: Readonly<Record<string, (context: WipContext) => unknown>> = {
  all: (context) =>
    void Promise.all([1, 2].map((number) => context.addTask(`kid ${number}`, { kind: 'Unknown', options: {} }))),
  each: () =>
    void ['a', 'b'].map(async (name) => {
      await Promise.resolve();
      throw new Error(`${name} is broken`);
    }),
  alone: (context) => {
    const helper = async (): Promise<void> => {
      await context.addTask('kid', { kind: 'BasicWip', options: {} });
      await context.addTask('second kid', { kind: 'BasicWip', options: {} });
    };
    void helper();
  },
  handled: async () => {
    const later = Promise.reject(new Error('handled in the end'));
    await new Promise((resolve) => setImmediate(resolve));
    await later.catch(() => undefined);
  },
  timed: () => void setTimeout(() => void Promise.reject(new Error('the timer failed')), 50),
  spinning: () => {
    for (;;);
  },
  // In the middle of a method: what runs is no longer what the engine has called.
  spinningLater: async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (;;);
  },
  exiting: () => {
    process.on('exit', () => {
      process.exitCode = 5;
      throw new Error('the licence was not returned');
    });
    process.on('exit', () => process.exit(7));
    process.on('exit', () => {
      for (;;);
    });
  },
  lasting: () => {
    setInterval(() => {
      throw new Error('the interval failed');
    }, 20);
  },
};

class LeavingWip extends BasicWip<{ readonly how: string }> {
  override get kind(): string {
    return 'Leaving';
  }

  override getStateTable(): string {
    return TABLE.replace(
      'throws\n}\nthrows {\n  * rejects\n  ! finish\n}',
      'leaves\n}\nleaves {\n  * finish\n}',
    ).replace(/rejects \{[^}]*\}\n/, '');
  }

  leaves(context: WipContext): unknown {
    return LEFT[this.options.how]!(context);
  }

  override failure(context: WipContext, cause?: FailureCause): void {
    context.exit('ERROR_USER', cause?.message ?? '');
  }
}

export const LEAVING = defineWip({
  kind: 'Leaving',
  version: 1,
  options: { schema: z.strictObject({ how: z.string() }), sealed: [] },
  create: (task) => new LeavingWip(task),
});
