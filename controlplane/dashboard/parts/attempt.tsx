import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { AWAY_REASON, isAway } from '../server/connection.ts';
import { pollNow } from '../server/poll.ts';

export interface Attempt {
  /** Runs it now. Everything is read again after it; what it throws is shown. */
  readonly attempt: (run: () => Promise<unknown>) => void;
  /** What was said against the last one, to stand beside its button. */
  readonly refusal: JSX.Element | null;
}

/** Actions that need no question first. */
export function useAttempt(): Attempt {
  const [problem, setProblem] = useState<string | null>(null);
  const attempt = (run: () => Promise<unknown>): void => {
    setProblem(null);
    run().then(
      () => pollNow(), // what does not change by itself is looked at rarely
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
  };
  const refusal =
    problem === null ? null : (
      <p class="err-text" role="alert">
        {problem}
      </p>
    );
  return { attempt, refusal };
}

/** For each button that changes something: it does nothing while the node does not answer, and says why. */
export function unlessAway(): { readonly disabled?: true; readonly title?: string } {
  return isAway.value ? { disabled: true, title: AWAY_REASON } : {};
}
