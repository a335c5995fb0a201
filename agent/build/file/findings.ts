import { nearestName } from '../../../shared/text/nearest-name.ts';
import { quoted } from '../../../shared/text/quote.ts';
import type { SourcePosition } from '../../../shared/text/source-text.ts';
import type { YamlEntry, YamlNode } from '../../../shared/yaml/yaml-node.ts';

/** Collects what is wrong, so that a person sees all of it at once. */
export interface Findings {
  problem(at: SourcePosition, message: string): void;
  warning(at: SourcePosition, message: string): void;
}

export function isEmpty(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.isNull;
}

/** The entries of a mapping, or none when the value is left empty. */
export function entriesOf(entry: YamlEntry | undefined, whatItHolds: string, findings: Findings): readonly YamlEntry[] {
  if (!entry || isEmpty(entry.value)) return [];
  if (entry.value.kind === 'mapping') return entry.value.entries;
  findings.problem(
    entry.value.at,
    `${quoted(entry.key)} must be a mapping of ${whatItHolds}${whyNoMapping(entry.value)}`,
  );
  return [];
}

function whyNoMapping(value: YamlNode): string {
  if (value.kind !== 'scalar') return ', not a list';
  const isKeyWithoutBlank = value.written.style === 'plain' && /^[\w.-]+:\S/.test(value.text);
  return `, not the text ${quoted(value.text)}${isKeyWithoutBlank ? '; a blank follows the colon of a key' : ''}`;
}

/** Refuses a key that is none of the allowed ones, as in `"dept" is not a key of "git"`. */
export function refuseKey({ key, keyAt }: YamlEntry, is: string, allowed: readonly string[], findings: Findings): void {
  const nearest = allowed.length > 1 ? nearestName(key, allowed) : null;
  const meant = nearest === null ? '' : `, perhaps "${nearest}" is meant`;
  const blank = BLANKS.exec(key);
  const odd = blank === null ? '' : `, for it has a character in it that only looks like a blank (${codeOf(blank[0])})`;
  const verb = allowed.length === 1 ? 'is' : 'are';
  findings.problem(keyAt, `${quoted(key)} is not ${is}${odd}${meant}; allowed ${verb} ${allowed.join(', ')}`);
}

/** Text that was copied from a page or a chat may have them. */
const BLANKS = /[\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff]/u;

function codeOf(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
