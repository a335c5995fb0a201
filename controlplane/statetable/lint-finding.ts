/** What the linter finds; each code is explained in README.md. */
export type FindingCode =
  | 'no-state'
  | 'missing-block'
  | 'missing-failure'
  | 'missing-terminate'
  | 'no-path-to-finish'
  | 'unreachable'
  | 'spin'
  | 'spin-cycle'
  | 'long-wait'
  | 'unlimited-wait'
  | 'no-error-row'
  | 'missing-state-method'
  | 'missing-transition-method'
  | 'uncovered-value'
  | 'unknown-value'
  | 'covered-by-star'
  | 'name-collision'
  | 'container-left-behind'
  | 'unhandled-answer';

export interface Finding {
  readonly code: FindingCode;
  /** An error will go wrong; a warning may; a note is for those who want to know. */
  readonly severity: 'error' | 'warning' | 'note';
  readonly state: string | null;
  /** The value of the row, or the answer that no row covers. */
  readonly value: string | null;
  readonly line: number;
  readonly column: number;
  /** What was found, a sentence without its full stop. */
  readonly message: string;
}

/** `line 3: spin: …` for a terminal. */
export function formatFinding({ line, severity, code, message }: Finding): string {
  return `line ${line}: ${severity}: ${message} [${code}]`;
}
