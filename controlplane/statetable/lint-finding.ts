/** The rules of the linter. README.md explains each. */
export const RULES = [
  'no-state',
  'missing-block',
  'missing-failure',
  'missing-terminate',
  'no-path-to-finish',
  'unreachable',
  'spin',
  'spin-cycle',
  'long-wait',
  'unlimited-wait',
  'no-error-row',
  'missing-state-method',
  'missing-transition-method',
  'uncovered-value',
  'missing-star',
  'unknown-value',
  'covered-by-star',
  'undeclared',
  'name-collision',
  'misspelt-hook',
  'container-left-behind',
  'unhandled-answer',
  'bad-ignore',
  'unused-ignore',
] as const;
export type Rule = (typeof RULES)[number];

/** Rules that need the class of the table, and rules for tasks with a container. */
export const RULES_OF_CLASSES: readonly Rule[] = [
  'missing-state-method',
  'missing-transition-method',
  'uncovered-value',
  'unknown-value',
  'covered-by-star',
  'undeclared',
  'name-collision',
  'misspelt-hook',
];
export const RULES_OF_CONTAINERS: readonly Rule[] = ['container-left-behind', 'unhandled-answer'];

/** The remedy of each rule: a sentence without its full stop. */
const REMEDIES: Readonly<Record<Rule, string>> = {
  'no-state': 'Write a block: `start {`, a row `* finish`, and `}`',
  'missing-block': 'Write a block of that name, or correct the name',
  'missing-failure': 'Write a block `failure` that tidies up and leads to `finish`',
  'missing-terminate': 'Write a block `terminate` that tidies up and leads to `finish`',
  'no-path-to-finish': 'Add a row that leads on, in the end to `finish`',
  unreachable: 'Lead a row to it, or take the block out',
  spin: 'Give the row a `wait`, and a `max` if it is a retry',
  'spin-cycle': 'Give one of the rows of the ring a `wait` or a `max`',
  'long-wait': 'Lower `wait` or `max`, or let the task run longer',
  'unlimited-wait': 'Give the waiting rows a `max`, if the state has no other end to its patience',
  'no-error-row': 'Add a `!` row if its errors should lead elsewhere',
  'missing-state-method': 'Write the method, or correct the name of the state',
  'missing-transition-method': 'Write the method, or correct its name in the header',
  'uncovered-value': 'Add a row for it, or a `*` row',
  'missing-star': 'Add a `*` row, or name a transition method in the header',
  'unknown-value': 'Take the row out, or add the value to the declared values of the method',
  undeclared:
    'Declare them in `transitions`, beside `...super.transitions`, so that the compiler and the linter can hold method and rows to them',
  'covered-by-star': 'Add a row for it if it should lead elsewhere',
  'name-collision': 'Give the state another name',
  'misspelt-hook': 'Correct its name, or give a method that you call yourself another one',
  'container-left-behind': 'Lead the way through the state that stops the container',
  'unhandled-answer': 'Add a row for it, even if it leads where `*` leads',
  'bad-ignore': 'Write `# lint-ignore: rule reason` with one of the rules and the reason',
  'unused-ignore': 'Take the comment out, or put it directly before the line it is for',
};

/** One finding of a rule. */
export interface Finding {
  readonly rule: Rule;
  /** `error`: will go wrong. `warning`: may go wrong. `note`: for information. */
  readonly severity: 'error' | 'warning' | 'note';
  readonly state: string | null;
  /** The value of the row concerned, or the answer that no row covers. */
  readonly value: string | null;
  readonly line: number;
  readonly column: number;
  /** The finding: a sentence without its full stop. */
  readonly message: string;
}

export function remedyOf(finding: Finding): string {
  return REMEDIES[finding.rule];
}

/** Prints `line 3: error: … [spin]` and the remedy, for a terminal. */
export function formatFinding(finding: Finding): string {
  const { line, severity, rule, message } = finding;
  return `line ${line}: ${severity}: ${message}. ${remedyOf(finding)}. [${rule}]`;
}
