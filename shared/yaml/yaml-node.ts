import { SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import type { SourcePosition } from '../text/source-text.ts';

export const SCALAR_STYLES = {
  [SCALAR_STYLE.PLAIN]: 'plain',
  [SCALAR_STYLE.SINGLE_QUOTED]: 'single-quoted',
  [SCALAR_STYLE.DOUBLE_QUOTED]: 'double-quoted',
  [SCALAR_STYLE.LITERAL_BLOCK]: 'literal',
  [SCALAR_STYLE.FOLDED_BLOCK]: 'folded',
} as const;

interface NodeBase {
  readonly at: SourcePosition;
  /** Number of nodes from this one down. An alias counts as often as it is used. */
  readonly size: number;
}
/** `text` is the written text, so that 1.10 stays 1.10 and yes stays yes: an environment has no other types. */
export type YamlScalar = NodeBase & {
  readonly kind: 'scalar';
  readonly text: string;
  readonly isNull: boolean;
  readonly written: Written;
};
/** A scalar as it is written in the file. */
export interface Written {
  readonly style: (typeof SCALAR_STYLES)[ScalarEvent['style']];
  /** Without quotes and block header. */
  readonly source: string;
  /** Comment on the same line, starting with its `#`. */
  readonly comment: string;
}

export type YamlSequence = NodeBase & {
  readonly kind: 'sequence';
  readonly style: CollectionLayout;
  readonly items: readonly YamlNode[];
};

/** `flow` is written with brackets, `block` with dashes or keys. */
export type CollectionLayout = 'flow' | 'block';
export interface YamlEntry {
  readonly key: string;
  readonly keyAt: SourcePosition;
  readonly value: YamlNode;
}
export type YamlMapping = NodeBase & {
  readonly kind: 'mapping';
  readonly style: CollectionLayout;
  readonly entries: readonly YamlEntry[];
};
export type YamlNode = YamlScalar | YamlSequence | YamlMapping;
