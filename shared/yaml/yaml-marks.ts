// Tags (!name) and anchors (&name) are marks that YAML removes from a value. A shell uses the same characters for other purposes.
// So a mark that is not clearly meant as a mark is reported as a problem; otherwise a part of a command would silently disappear.
import { quoted, quotedForYaml } from '../text/quote.ts';
import type { SourcePosition, Problem } from '../text/source-text.ts';

/** A node with its marks. `written` is the text from the first mark to the end of a scalar. */
export interface MarkedNode {
  readonly kind: 'scalar' | 'sequence' | 'mapping';
  /** Value of a scalar. */
  readonly text: string;
  readonly written: string;
}

const CORE_PREFIX = 'tag:yaml.org,2002:';
/** Tags of the YAML 1.2 core schema, and the scalars that they accept (section 10.3.2). */
const SCALAR_TAGS: Readonly<Record<string, RegExp>> = {
  str: /^/,
  null: /^(?:null|Null|NULL|~|)$/,
  bool: /^(?:true|True|TRUE|false|False|FALSE)$/,
  int: /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/,
  float: /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
};

/** Returns why a tag is refused; null for those of the core schema. */
export function tagProblem(tag: string, node: MarkedNode): string | null {
  const name = coreName(tag);
  if (name === null) {
    return `YAML reads ${quoted(tag)} as a tag and takes it out of the text, and tags are not used here${quoteWhole(node)}`;
  }
  const isFitting = node.kind === 'scalar' ? SCALAR_TAGS[name]?.test(node.text) === true : name === collectionTag(node);
  return isFitting ? null : `the tag ${quoted(tag)} does not fit its value${quoteWhole(node)}`;
}

function collectionTag(node: MarkedNode): string {
  return node.kind === 'sequence' ? 'seq' : 'map';
}

function coreName(tag: string): string | null {
  const verbatim = /^!<(.*)>$/.exec(tag)?.[1];
  const name = verbatim === undefined ? /^!!(.*)$/.exec(tag)?.[1] : verbatim.split(CORE_PREFIX)[1];
  const isCore = name !== undefined && (Object.hasOwn(SCALAR_TAGS, name) || name === 'seq' || name === 'map');
  return isCore ? name : null;
}

/** Returns the problem of a %TAG directive, which is refused because it can give `!!str` another meaning and so defeat the checks above. */
export function tagDirectiveProblem(text: string): Problem {
  // Indented directives, and those behind a byte order mark, count too: the parser accepts all of them.
  const line = text.split(/\r\n|\r|\n/).findIndex((candidate) => /^\uFEFF?\s*%\s*TAG/.test(candidate));
  return { line: Math.max(line, 0) + 1, column: 1, message: 'there are no tags of its own here; remove the %TAG line' };
}

/** Returns the message about `*name` without such an anchor. */
export function aliasProblem(name: string): string {
  return `*${name} is used, but no &${name} is complete above it; text that begins with * must be in quotes: '*${name} …'`;
}

// Names that people give to anchors. YAML itself would accept `>` as a name, which a shell writes in `&> log make`.
const ANCHOR_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u;

/** Finds anchors that are not meant as anchors: those with an odd name, and unused ones in front of a scalar. */
export class AnchorCheck {
  readonly #unused = new Map<string, Problem>();
  readonly #report: (problem: Problem) => void;

  constructor(report: (problem: Problem) => void) {
    this.#report = report;
  }

  define(name: string, at: SourcePosition, node: MarkedNode): void {
    this.#reportUnused(name);
    const message = `YAML reads ${quoted(`&${name}`)} as an anchor and takes it out of the text, and nothing uses it${quoteWhole(node)}`;
    if (!ANCHOR_NAME.test(name)) this.#report({ ...at, message });
    else if (node.kind === 'scalar') this.#unused.set(name, { ...at, message });
  }

  use(name: string): void {
    this.#unused.delete(name);
  }

  end(): void {
    for (const name of [...this.#unused.keys()]) this.#reportUnused(name);
  }

  #reportUnused(name: string): void {
    const problem = this.#unused.get(name);
    if (problem) this.#report(problem);
    this.#unused.delete(name);
  }
}

function quoteWhole(node: MarkedNode): string {
  const whole = node.kind === 'scalar' ? quotedForYaml(node.written) : null;
  return `; if it belongs to the text, put the whole in quotes${whole === null ? '' : `: ${whole}`}`;
}
