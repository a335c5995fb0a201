import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { BasicWip } from '../../controlplane/tasks/basic-wip.ts';
import type { WipClass } from '../../controlplane/tasks/wip-class.ts';
import { BUILD_STEPS_OPTIONS, type BuildStepsOptions } from '../../controlplane/tasks/build/build-steps-options.ts';
import { BuildSteps } from '../../controlplane/tasks/build/build-steps.ts';
import { ContainerWip } from '../../controlplane/tasks/container/container-wip.ts';
import { CONTAINER_OPTION_FIELDS } from '../../controlplane/tasks/container/container-wip-options.ts';
import type { WipContext } from '../../controlplane/tasks/context.ts';
import { defineWip } from '../../controlplane/tasks/kinds.ts';
import { CLASS_ID } from '../../shared/protocol/signals.ts';
import { Parent, ParentOptions } from './parent.ts';
import { Reporter, ReporterOptions } from './reporter.ts';

const WalkerOptions = z.strictObject({
  waits: z.array(z.number().int().min(0)).min(1),
  group: z.string().default('Walker'),
});
type WalkerOptions = z.infer<typeof WalkerOptions>;

/** Walks through one state for each wait and counts the states. */
class Walker extends BasicWip<WalkerOptions> {
  override get kind(): string {
    return 'Walker';
  }

  override get group(): string {
    return this.options.group;
  }

  override getStateTable(): string {
    const { waits } = this.options;
    const blocks = waits.map((seconds, index) => {
      const next = index === waits.length - 1 ? 'finish' : `walk${index + 1}`;
      return `walk${index} {\n  * ${next} wait=${seconds}\n  ! failure\n}\n`;
    });
    return `start {\n  * walk0\n}\n${blocks.join('')}failure {\n  * finish\n  ! finish\n}\nterminate {\n  * finish\n}\n`;
  }
}

/** Gives a walker a method for each of its states, which its table names and TypeScript cannot know. */
function walker(task: ConstructorParameters<typeof Walker>[0]): Walker {
  const wip = new Walker(task);
  const states = Object.fromEntries(
    task.options.waits.map((_seconds, index) => [
      `walk${index}`,
      (context: WipContext) => {
        context.memory['walked'] = Number(context.memory['walked'] ?? 0) + 1;
      },
    ]),
  );
  return Object.assign(wip, states);
}

const CollectorOptions = z.strictObject({
  ...CONTAINER_OPTION_FIELDS,
  count: z.number().int().min(1),
  /** How long each check takes, in real milliseconds: signals that arrive meanwhile are those its step has not read. */
  checkTakesMs: z.number().int().min(0).default(0),
  group: z.string().default('Collector'),
});
type CollectorOptions = z.infer<typeof CollectorOptions>;

/**
 * Starts a number of processes and ends when it has met the completion signal of each. It never asks about a process
 * over SSH.
 */
class Collector extends ContainerWip<CollectorOptions> {
  override get kind(): string {
    return 'Collector';
  }

  override get group(): string {
    return this.options.group;
  }

  override get transitions(): Record<string, readonly string[]> {
    return { ...super.transitions, checkCollected: ['done', 'more', 'terminated', 'lost'] };
  }

  override getStateTable(): string {
    return `
${this.getContainerStartTable('launchAll', 'failure', 'failure')}
launchAll:checkLaunched {
  done        collect
  again       launchAll wait=5
  !           failure
}
collect:checkCollected {
  done        ${this.getContainerStopState()}
  more        collect wait=3600 exec=false
  terminated  failure
  !           failure
}
${this.getContainerStopTable('finish', 'finish')}
failure {
  *  ${this.getContainerStopState()}
  !  finish
}
terminate {
  *  ${this.getContainerStopState()}
  !  failure
}
`;
  }

  async launchAll(context: WipContext): Promise<void> {
    const started = await Promise.all(
      Array.from({ length: this.options.count }, (_, index) =>
        context.agent.startProcess(
          `count-${index}`,
          { command: ['count', String(index)], output: 'keep' },
          'container',
        ),
      ),
    );
    context.memory['started'] = started.flatMap((outcome) => (outcome.kind === 'ok' ? [outcome.value.processId] : []));
  }

  async checkLaunched(context: WipContext): Promise<string> {
    if ((context.memory['started'] as string[]).length === this.options.count) return 'done';
    if ((await this.containerValue(context)) === 'terminated') throw new Error('the container ended too early');
    return 'again';
  }

  collect(_context: WipContext): void {}

  async checkCollected(context: WipContext): Promise<string> {
    const met = new Set((context.memory['met'] as string[] | undefined) ?? []);
    for (const { id, signal } of context.inbox.all()) {
      if (signal.classId !== CLASS_ID.processComplete) continue;
      met.add(signal.processId);
      context.inbox.consume(id);
    }
    context.memory['met'] = [...met];
    await setTimeout(this.options.checkTakesMs);
    if (met.size === this.options.count) return 'done';
    return (await this.containerValue(context)) === 'terminated' ? 'terminated' : 'more';
  }
}

/** Records each run of a state's method, with the task's name and entry, before the method begins. */
function journaled<T extends BasicWip>(wip: T, write: (line: string) => void): T {
  return new Proxy(wip, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      const method = value as (...args: unknown[]) => unknown;
      return (...args: unknown[]): unknown => {
        const context = args[0] as Partial<WipContext> | undefined;
        if (context?.state === name && context.taskId !== undefined)
          write(`${context.taskId} ${context.entry} ${context.state}`);
        // Applied to the task itself: a class may have private members, which a proxy cannot reach.
        return method.apply(target, args);
      };
    },
  });
}

/** Returns the kinds that schedules consist of. */
export function faultKinds(write: (line: string) => void): WipClass[] {
  return [
    defineWip<BuildStepsOptions>({
      kind: 'BuildSteps',
      version: 1,
      options: BUILD_STEPS_OPTIONS,
      create: (task) => journaled(new BuildSteps(task), write),
    }),
    defineWip<WalkerOptions>({
      kind: 'Walker',
      version: 1,
      options: { schema: WalkerOptions, sealed: [] },
      create: (task) => journaled(walker(task), write),
    }),
    defineWip<CollectorOptions>({
      kind: 'Collector',
      version: 1,
      options: { schema: CollectorOptions, sealed: [] },
      create: (task) => journaled(new Collector(task), write),
    }),
    defineWip<ParentOptions>({
      kind: 'Parent',
      version: 1,
      options: { schema: ParentOptions, sealed: [] },
      create: (task) => journaled(new Parent(task), write),
    }),
    defineWip<ReporterOptions>({
      kind: 'Reporter',
      version: 1,
      options: { schema: ReporterOptions, sealed: [] },
      create: (task) => journaled(new Reporter(task), write),
    }),
  ];
}
