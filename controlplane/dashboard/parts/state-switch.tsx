import type { JSX } from 'preact';
import { pollNow } from '../server/poll.ts';
import { unlessAway, useAttempt } from './attempt.tsx';
import { ask, type Question } from './confirm.tsx';

interface StateSwitchProps {
  readonly isOn: boolean;
  readonly begin: Omit<Question, 'run'> & { readonly run: (input: string) => Promise<unknown> };
  readonly end: { readonly action: string; readonly run: () => Promise<unknown> };
}

/** A state of the whole installation: it begins after a question and ends at once. */
export function StateSwitch({ isOn, begin, end }: StateSwitchProps): JSX.Element {
  const { attempt, refusal } = useAttempt();
  const run = async (input: string): Promise<void> => {
    await begin.run(input);
    pollNow();
  };
  return (
    <div class="btns end">
      {refusal}
      {isOn ? (
        <button type="button" class="btn main" {...unlessAway()} onClick={() => attempt(end.run)}>
          {end.action}
        </button>
      ) : (
        <button type="button" class="btn" {...unlessAway()} onClick={() => ask({ ...begin, run })}>
          {begin.action}…
        </button>
      )}
    </div>
  );
}
