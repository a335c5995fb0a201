import { OperationalError } from '../../shared/model/error.ts';
import type { RecordedStep } from './recording.ts';

/** The answers of the transition method of each state, in order; the last one repeats. */
export type SimulationScript = ReadonlyMap<string, readonly string[]>;

type Token = { readonly kind: 'word' | 'quoted' | 'open' | 'close'; readonly text: string };

const QUOTED = /"[^"]*"|'[^']*'/y;
// A bare name ends at white space, braces, quotes, commas and dots, as in scripts in use. Other names are quoted.
const BARE = /[^\s{}'"#.,]+/y;
const PLAIN_NAME = /^[^\s{}'"#.,]+$/;

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    const quoted = match(QUOTED, text, at);
    const word = match(BARE, text, at);
    if (character === '#') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (character === '{' || character === '}') {
      tokens.push({ kind: character === '{' ? 'open' : 'close', text: character });
    } else if (quoted !== undefined) {
      tokens.push({ kind: 'quoted', text: quoted.slice(1, -1) });
      at += quoted.length - 1;
    } else if (word !== undefined) {
      tokens.push({ kind: 'word', text: word });
      at += word.length - 1;
    }
  }
  return tokens;
}

/**
 * Parses `state { 'value' 'value' }` blocks. Inside a block only quoted text counts, so commas and notes may stand between
 * values. Of two blocks of one state the last counts. Throws OperationalError for text that is not a script.
 */
export function parseSimulationScript(text: string): SimulationScript {
  const script = new Map<string, string[]>();
  const tokens = tokensOf(text);
  for (let at = 0; at < tokens.length; at += 1) {
    const name = tokens[at]!;
    if ((name.kind !== 'word' && name.kind !== 'quoted') || tokens[at + 1]?.kind !== 'open') continue;
    let close = at + 2;
    while (close < tokens.length && tokens[close]!.kind !== 'close') close += 1;
    if (close === tokens.length) break;
    const values = tokens.slice(at + 2, close).filter((token) => token.kind === 'quoted');
    script.set(
      name.text,
      values.map((token) => token.text),
    );
    at = close;
  }
  if (script.size > 0) return script;
  throw new OperationalError('TABLE_SYNTAX', {
    happened: 'The simulation script holds no block',
    remedy: "Write a block for each state: state { 'value' 'value' }",
  });
}

function quote(value: string): string {
  return value.includes("'") ? `"${value}"` : `'${value}'`;
}

/** Returns the answers in a recording, by state. A request to terminate does not count as an answer. */
export function scriptOf(recording: readonly RecordedStep[]): SimulationScript {
  const answers = new Map<string, string[]>();
  for (const { from, value, way } of recording) {
    if (from === null || value === null || way === 'terminate') continue;
    const values = answers.get(from) ?? [];
    values.push(value);
    answers.set(from, values);
  }
  return answers;
}

export function printScript(script: SimulationScript): string {
  return [...script]
    .map(([state, values]) => {
      const name = PLAIN_NAME.test(state) ? state : quote(state);
      return `${name} {\n${values.map((value) => `  ${quote(value)}\n`).join('')}}\n`;
    })
    .join('\n');
}

/** Prints the script with which a simulation gives the answers of a recording. */
export function printSimulationScript(recording: readonly RecordedStep[]): string {
  return printScript(scriptOf(recording));
}
