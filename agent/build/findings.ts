import { quoted } from '../../shared/support/quote.ts';
import type { SourcePosition } from '../../shared/support/source-text.ts';
import type { YamlEntry, YamlNode } from '../../shared/support/yaml-node.ts';

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
  findings.problem(entry.value.at, `${quoted(entry.key)} must be a mapping of ${whatItHolds}`);
  return [];
}
