import { BasicWip } from '../../tasks/basic-wip.ts';
import { callMethod, type CallDeps } from './call-method.ts';
import { StepContext, type OpenStep } from './step-context.ts';

export type Hook = 'onStart' | 'onWait' | 'onTerminate' | 'onFail' | 'onFinish';

/** Calls a life-cycle hook if the class has one of its own. It decides nothing: what it throws is only logged. */
export async function callHook(
  deps: CallDeps,
  wip: BasicWip,
  hook: Hook,
  { step, stop }: { step: OpenStep; stop: AbortSignal },
): Promise<void> {
  if (wip[hook] === BasicWip.prototype[hook]) return;
  const state = step.draft.position.entering?.state ?? step.draft.position.state ?? '';
  const context = (signal: AbortSignal): StepContext => new StepContext(step, state, signal);
  const outcome = await callMethod(deps, wip, { name: hook, stop, context, cause: null });
  if (outcome.kind === 'returned') return;
  const why = outcome.kind === 'threw' ? outcome.message : 'it was not through in its time';
  context(stop).log('WARN', `The hook ${hook} failed: ${why}`);
}
