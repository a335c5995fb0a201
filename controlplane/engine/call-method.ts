import { messageOf } from '../../shared/model/error.ts';
import { isDatabaseTrouble } from '../store/database-trouble.ts';
import type { BasicWip } from '../tasks/basic-wip.ts';
import type { WipContext } from '../tasks/context.ts';
import { LeaveTask, type EngineWorld } from './engine-world.ts';

/** `interrupted`: its time was over. It may still be running; whatever it does then is not saved. */
export type CallOutcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly message: string }
  | { readonly kind: 'interrupted' };

/** What calling a method needs of the engine's world. */
export type CallWorld = Pick<EngineWorld, 'clock' | 'log' | 'methodSeconds'>;

// One for all calls: an error for each would cost more than calling a short method.
const OVER = new DOMException('The method is over.', 'AbortError');

type Method = (context: WipContext, cause?: unknown) => unknown;

/** Whether the class has such a method; state tables are text and may name anything. */
export function hasMethod(wip: BasicWip, name: string): boolean {
  return typeof (wip as unknown as Record<string, unknown>)[name] === 'function';
}

/**
 * Calls a state or transition method and gives it so long. LeaveTask and a failing database pass through: they are the
 * node's business and not the task's, and so is whatever a method throws once the node is stopping.
 */
export async function callMethod(
  world: CallWorld,
  wip: BasicWip,
  call: { name: string; stop: AbortSignal; context: (signal: AbortSignal) => WipContext; cause: unknown },
): Promise<CallOutcome> {
  if (!hasMethod(wip, call.name)) {
    return { kind: 'threw', message: `The class ${wip.kind} has no method "${call.name}".` };
  }
  const method = (wip as unknown as Record<string, Method>)[call.name]!;
  const over = new AbortController();
  const timer = new AbortController();
  const timeout = world.clock
    .sleep(world.methodSeconds * 1000, AbortSignal.any([timer.signal, call.stop]))
    .then((): CallOutcome => ({ kind: 'interrupted' }));
  const work = run(world, async () => {
    const context = call.context(AbortSignal.any([over.signal, call.stop]));
    return await (call.cause === null ? method.call(wip, context) : method.call(wip, context, call.cause));
  });
  try {
    const outcome = await Promise.race([work, timeout]);
    if (call.stop.aborted && outcome.kind !== 'returned') throw new LeaveTask('stopping');
    return outcome;
  } finally {
    timer.abort(OVER);
    over.abort(OVER);
    // After its time a method's own end is nobody's business any more; `run` has logged what it threw.
    work.catch(() => undefined);
  }
}

async function run(world: Pick<EngineWorld, 'log'>, work: () => Promise<unknown>): Promise<CallOutcome> {
  try {
    return { kind: 'returned', value: await work() };
  } catch (error) {
    if (error instanceof LeaveTask || isDatabaseTrouble(error)) throw error;
    world.log.debug({ err: error }, 'a task method threw');
    return { kind: 'threw', message: messageOf(error) };
  }
}
