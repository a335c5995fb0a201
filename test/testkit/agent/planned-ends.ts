import type { Clock } from '../../../shared/time/clock.ts';
import type { AgentContainer } from './agent-script.ts';
import type { SimulatedAgentOptions } from './simulated-agent-options.ts';
import type { ScriptedEnd } from './simulated-signals.ts';

interface PlannedEndsDeps {
  readonly clock: Clock;
  /** Aborts when the agent stops for another reason: no planned end comes any more. */
  readonly stopped: AbortSignal;
  readonly untilEntered: SimulatedAgentOptions['untilEntered'];
}

/** Returns what waits for each end that a script plans, and then calls `end`. */
export function plannedEnds(
  { spotAfter, diesAfter, end: scripted }: AgentContainer,
  { clock, stopped, untilEntered }: PlannedEndsDeps,
  end: (words: ScriptedEnd) => void,
): Promise<void>[] {
  const after = async (seconds: number, words: ScriptedEnd): Promise<void> => {
    await clock.sleep(seconds * 1_000, stopped);
    end(words);
  };
  const at = async (state: string, words: ScriptedEnd): Promise<void> => {
    if ((await untilEntered?.(state, stopped)) === 'entered') end(words);
  };
  return [
    ...(spotAfter === undefined ? [] : [after(spotAfter, { cause: 'spot' })]),
    ...(diesAfter === undefined ? [] : [after(diesAfter, { cause: 'crash' })]),
    ...(scripted?.after === undefined ? [] : [after(scripted.after, scripted)]),
    ...(scripted?.at === undefined ? [] : [at(scripted.at, scripted)]),
  ];
}
