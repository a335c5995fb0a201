import { BasicWip } from '../../tasks/basic-wip.ts';
import { callMethod, type CallWorld } from './call-method.ts';
import { StepContext, type StepWorld } from './step-context.ts';

export type Hook = 'onStart' | 'onWait' | 'onTerminate' | 'onFail' | 'onFinish';

/** Calls a life-cycle hook if the class has one of its own. It decides nothing: what it throws is only logged. */
export async function callHook(
  world: CallWorld,
  wip: BasicWip,
  hook: Hook,
  { step, stop }: { step: StepWorld; stop: AbortSignal },
): Promise<void> {
  if (wip[hook] === BasicWip.prototype[hook]) return;
  const state = step.draft.position.entering?.state ?? step.draft.position.state ?? '';
  const context = (signal: AbortSignal): StepContext => new StepContext(step, state, signal);
  const outcome = await callMethod(world, wip, { name: hook, stop, context, cause: null });
  if (outcome.kind === 'returned') return;
  const why = outcome.kind === 'threw' ? outcome.message : 'it was not through in its time';
  context(stop).log('WARN', `The hook ${hook} failed: ${why}`);
}
