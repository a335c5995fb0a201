import type { Verdict } from '../../../../shared/model/verdict.ts';
import type { IconShape } from '../../status-words.ts';

interface VerdictWords {
  readonly shape: IconShape;
  /** Completes "Together they prove: …". */
  readonly words: string;
}

/** What the three witnesses prove together, for people. */
export const VERDICT_WORDS: Readonly<Record<Verdict, VerdictWords>> = {
  starting: { shape: 'start', words: 'it is starting' },
  ready: { shape: 'run', words: 'its agent is ready, and SSH is not proven yet' },
  running: { shape: 'run', words: 'it runs' },
  last_words: { shape: 'start', words: 'it has ended, and its last words may still come' },
  terminated: { shape: 'term', words: 'it has ended' },
  no_information: { shape: 'warn', words: 'nothing: nobody has heard of it lately' },
  unreachable: { shape: 'warn', words: 'ECS says that it runs, and it cannot be reached' },
  contradiction: { shape: 'warn', words: 'a contradiction: ECS says that it has ended, and its agent still speaks' },
};
