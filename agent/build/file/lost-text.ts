import { quoted, quotedForYaml } from '../../../shared/text/quote.ts';
import type { Findings } from './findings.ts';
import type { YamlScalar } from '../../../shared/yaml/yaml-node.ts';

/** What a text is in a build file. */
export interface ScalarMeaning {
  /** As in `this command`. */
  readonly name: string;
  readonly mayBeEmpty: boolean;
}

/**
 * Compares what a person wrote with what YAML makes of it, where the value is meant as text for a shell or an
 * environment. Text that is surely lost is a problem, text that is perhaps meant so a warning.
 */
export function findLostText(scalar: YamlScalar, what: ScalarMeaning, findings: Findings): void {
  const problem = lostForSure(scalar, what);
  if (problem !== null) return findings.problem(scalar.at, problem);
  const warning = lostPerhaps(scalar, what.name);
  if (warning !== null) findings.warning(scalar.at, warning);
}

function lostForSure({ text, isNull, written }: YamlScalar, { name: what, mayBeEmpty }: ScalarMeaning): string | null {
  if (text.includes('\0')) return `${what} has a NUL in it, which no program can be given`;
  if (!text.isWellFormed()) return `${what} has half a character in it (a lone surrogate); write the whole character`;
  if (isNull && text !== '') {
    const empty = mayBeEmpty ? "write '' for an empty one, or" : 'leave the line out, or write';
    return `YAML reads ${text} as no value; ${empty} '${text}' for this text`;
  }
  const cut = cutByComment(written.comment);
  if (text === '' && written.style === 'plain' && cut !== null) {
    return `${what} is empty, because YAML reads ${quoted(cut)} as a comment; put it in quotes${orSo(cut)}`;
  }
  if (written.comment !== '' && isOpen(text)) {
    return `YAML ends ${what} before ${quoted(written.comment)}, inside its quotes; put the whole in quotes, or after "|"`;
  }
  if (isFolded(written.style) && /\\[ \t]*(?:\r\n|\r|\n)[ \t]*\S/.test(written.source)) {
    return `YAML joins the lines of ${what} with blanks, so that the backslash at a line's end quotes a blank; write "|" before the lines`;
  }
  return null;
}

function lostPerhaps({ text, written }: YamlScalar, what: string): string | null {
  const cut = cutByComment(written.comment);
  if (cut !== null) {
    return `YAML reads ${quoted(cut)} as a comment, so that ${what} is ${quoted(text)}; if it belongs to it, put the whole in quotes`;
  }
  if (written.style !== 'folded' && written.style !== 'literal' && /[\r\n]/.test(written.source)) {
    return `YAML joins the lines of ${what} with blanks to ${quoted(text)}; write "|" before them if they are lines of their own`;
  }
  return null;
}

function isFolded(style: YamlScalar['written']['style']): boolean {
  return style === 'plain' || style === 'single-quoted' || style === 'folded';
}

/** `#fff` is hardly a comment; `# made by CI` is one, and so are `#!` and rows of `#`. */
function cutByComment(comment: string): string | null {
  return /^#[^\s#!]/.test(comment) ? comment : null;
}

function orSo(text: string): string {
  const whole = quotedForYaml(text);
  return whole === null ? '' : `: ${whole}`;
}

/** Whether a shell would still wait for a closing quote or brace at the end. */
function isOpen(text: string): boolean {
  const withoutPairs = text.replace(/\\.|'[^']*'|"(?:[^"\\]|\\.)*"/gs, '');
  return /['"]/.test(withoutPairs) || /\$\{[^}]*$/.test(withoutPairs);
}
