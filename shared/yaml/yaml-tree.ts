import {
  COLLECTION_STYLE,
  EVENT_ID,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
  type Event,
  type ScalarEvent,
} from 'js-yaml';
import { quoted } from '../text/quote.ts';
import { createSourceText, type SourcePosition, type Problem, type SourceText } from '../text/source-text.ts';
import {
  SCALAR_STYLES,
  type CollectionLayout,
  type Written,
  type YamlEntry,
  type YamlMapping,
  type YamlNode,
  type YamlScalar,
  type YamlSequence,
} from './yaml-node.ts';
import { aliasProblem, AnchorCheck, tagDirectiveProblem, tagProblem } from './yaml-marks.ts';
import { syntaxProblem } from './yaml-syntax.ts';

// Aliases of aliases grow exponentially ("billion laughs"). No real build file comes near this number of nodes.
const MAX_NODES = 100_000;
const NULL_TEXTS: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);
const QUOTED: ReadonlySet<number> = new Set([SCALAR_STYLE.SINGLE_QUOTED, SCALAR_STYLE.DOUBLE_QUOTED]);

const NOT_WRITTEN: Written = { style: 'plain', source: '', comment: '' };

interface Reading extends SourceText {
  readonly events: readonly Event[];
  next: number;
  mergedEntries: number;
  /** Offset behind the last value that was read. */
  consumed: number;
  readonly anchors: Map<string, YamlNode>;
  readonly anchorCheck: AnchorCheck;
  readonly report: ReportYaml;
}

/**
 * Problems of the grammar, of the tree's structure, or of a mark: a tag, an anchor or an alias that removes a part of
 * a text.
 */
type YamlProblemKind = 'syntax' | 'structure' | 'mark';
export type ReportYaml = (problem: Problem, kind: YamlProblemKind) => void;

/**
 * Reads one YAML document into a tree with the position of each node, which js-yaml's own constructor does not keep.
 * Problems go to `report`. Returns null when there is no tree at all.
 */
export function readYamlTree(text: string, report: ReportYaml): YamlNode | null {
  let events: readonly Event[];
  try {
    events = parseEvents(text, {});
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    report(syntaxProblem(text, error), 'syntax');
    return null;
  }
  const reading: Reading = {
    ...createSourceText(text),
    events,
    next: 1,
    mergedEntries: 0,
    consumed: 0,
    anchors: new Map(),
    anchorCheck: new AnchorCheck((problem) => report(problem, 'mark')),
    report,
  };
  const top = { line: 1, column: 1 };
  if (events.length === 0) return null;
  const documents = events.filter((event) => event.type === EVENT_ID.DOCUMENT);
  if (documents.length > 1) {
    const message = 'a second YAML document begins here, and a build file is one';
    report({ line: lineOfSecondDocument(text), column: 1, message }, 'structure');
    return null;
  }
  if (documents.some(({ directives }) => directives.some(({ kind }) => kind === 'tag'))) {
    report(tagDirectiveProblem(text), 'mark');
  }
  const tree = readNode(reading, top);
  reading.anchorCheck.end();
  if (tree.size <= MAX_NODES) return tree;
  const unfolds = events.some(({ type }) => type === EVENT_ID.ALIAS) ? 'its aliases unfold to' : 'it has';
  report({ ...top, message: `${unfolds} more than ${MAX_NODES} values` }, 'structure');
  return null;
}

/** The parser's events say no positions of documents. `---` in the first column begins one wherever it stands. */
function lineOfSecondDocument(text: string): number {
  const lines = text.split(/\r\n|\r|\n/);
  const first = lines.findIndex((line) => /^\uFEFF?\s*[^\s#%]/.test(line));
  const second = lines.findIndex((line, at) => at > first && /^---(?:\s|$)/.test(line));
  return Math.max(second, 0) + 1;
}

function readNode(reading: Reading, fallback: SourcePosition): YamlNode {
  const event = reading.events[reading.next++];
  if (!event) throw new Error('the YAML events ended inside a document');
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return remember(reading, event, readScalar(reading, event, fallback));
    case EVENT_ID.SEQUENCE:
      return remember(reading, event, readSequence(reading, reading.positionOf(event.start), layoutOf(event)));
    case EVENT_ID.MAPPING:
      return remember(reading, event, readMapping(reading, reading.positionOf(event.start), layoutOf(event)));
    case EVENT_ID.ALIAS: {
      const name = reading.text.slice(event.anchorStart, event.anchorEnd);
      reading.consumed = event.anchorEnd;
      reading.anchorCheck.use(name);
      const target = reading.anchors.get(name);
      if (target) return target;
      const at = reading.positionOf(event.anchorStart - 1);
      reading.report({ ...at, message: aliasProblem(name) }, 'mark');
      return { kind: 'scalar', text: `*${name}`, isNull: false, written: NOT_WRITTEN, at, size: 1 };
    }
    default:
      throw new Error(`unexpected YAML event ${event.type}`);
  }
}

function layoutOf(event: { readonly style: number }): CollectionLayout {
  return event.style === COLLECTION_STYLE.FLOW ? 'flow' : 'block';
}

function readScalar(reading: Reading, event: ScalarEvent, fallback: SourcePosition): YamlScalar {
  const text = getScalarValue(reading.text, event);
  reading.consumed = Math.max(reading.consumed, event.valueEnd, event.tagEnd, event.anchorEnd);
  const style = SCALAR_STYLES[event.style];
  const source = event.valueStart < 0 ? '' : reading.text.slice(event.valueStart, event.valueEnd);
  const isNull = style === 'plain' && event.tagStart < 0 && NULL_TEXTS.has(text);
  const start = QUOTED.has(event.style) ? event.valueStart - 1 : event.valueStart;
  // An empty value has no position. It gets the position of its key or of its list.
  const at = event.valueStart < 0 ? fallback : reading.positionOf(start);
  return { kind: 'scalar', text, isNull, written: { style, source, comment: commentAfter(reading) }, at, size: 1 };
}

/** Returns the comment on the line on which the last value ended, or the key or dash of an empty value. */
function commentAfter(reading: Reading): string {
  const end = reading.text.slice(reading.consumed).search(/[\r\n]/);
  const rest = reading.text.slice(reading.consumed, end < 0 ? undefined : reading.consumed + end);
  return /^["']?[ \t]*:?[ \t]+(#.*)$/.exec(rest)?.[1]?.trimEnd() ?? '';
}

function readSequence(reading: Reading, at: SourcePosition, style: CollectionLayout): YamlSequence {
  const items: YamlNode[] = [];
  while (reading.events[reading.next]?.type !== EVENT_ID.POP) {
    items.push(readNode(reading, isEmptyScalar(reading.events[reading.next]) ? positionOfDash(reading, at) : at));
  }
  reading.next++;
  return { kind: 'sequence', style, items, at, size: sizeOf(items) };
}

function isEmptyScalar(event: Event | undefined): boolean {
  return event?.type === EVENT_ID.SCALAR && event.valueStart < 0;
}

/** Returns the position of an empty item: that of its dash, which the parser's events do not contain. */
function positionOfDash(reading: Reading, fallback: SourcePosition): SourcePosition {
  const match = /^[ \t]*-(?=\s|$)/m.exec(reading.text.slice(reading.consumed));
  if (!match) return fallback;
  reading.consumed += match.index + match[0].length;
  return reading.positionOf(reading.consumed - 1);
}

function readMapping(reading: Reading, at: SourcePosition, style: CollectionLayout): YamlMapping {
  const own = new Map<string, YamlEntry>();
  const merged: YamlMapping[] = [];
  while (reading.events[reading.next]?.type !== EVENT_ID.POP) {
    const key = readNode(reading, at);
    const value = readNode(reading, key.at);
    if (key.kind !== 'scalar') {
      reading.report({ ...key.at, message: 'a key must be text, not a list or a mapping' }, 'structure');
    } else if (key.text === '__proto__') {
      // A program that reads the exported JSON could take it for something other than a key.
      reading.report({ ...key.at, message: '"__proto__" cannot be a key' }, 'structure');
    } else if (key.text === '<<') {
      merged.push(...mergeSources(reading, value));
    } else {
      const first = own.get(key.text);
      if (first) {
        const message = `${quoted(key.text)} is here a second time; the first is in line ${first.keyAt.line}`;
        reading.report({ ...key.at, message }, 'structure');
      } else own.set(key.text, { key: key.text, keyAt: key.at, value });
    }
  }
  reading.next++;
  for (const entry of merged.flatMap((source) => source.entries)) {
    if (!own.has(entry.key)) own.set(entry.key, entry);
  }
  const entries = [...own.values()];
  return { kind: 'mapping', style, entries, at, size: sizeOf(entries.map((entry) => entry.value)) };
}

function mergeSources(reading: Reading, value: YamlNode): YamlMapping[] {
  const sources = value.kind === 'sequence' ? value.items : [value];
  return sources.filter((source): source is YamlMapping => {
    if (source.kind === 'mapping') {
      // Merged entries are copies, so they are counted before they are made.
      reading.mergedEntries += source.entries.length + 1;
      if (reading.mergedEntries <= MAX_NODES) return true;
      if (reading.mergedEntries - source.entries.length - 1 <= MAX_NODES) {
        reading.report({ ...source.at, message: `<< merges more than ${MAX_NODES} keys` }, 'structure');
      }
      return false;
    }
    reading.report({ ...source.at, message: '<< takes an alias of a mapping, or a list of such aliases' }, 'structure');
    return false;
  });
}

function remember<Node extends YamlNode>(
  reading: Reading,
  event: {
    readonly anchorStart: number;
    readonly anchorEnd: number;
    readonly tagStart: number;
    readonly tagEnd: number;
  },
  node: Node,
): Node {
  if (event.tagStart < 0 && event.anchorStart < 0) return node;
  const starts = [event.tagStart, event.anchorStart - 1].filter((start) => start >= 0);
  const text = node.kind === 'scalar' ? node.text : '';
  const marked = { kind: node.kind, text, written: writtenFrom(reading, Math.min(...starts)) };
  if (event.tagStart >= 0) {
    const message = tagProblem(reading.text.slice(event.tagStart, event.tagEnd), marked);
    if (message !== null) reading.report({ ...reading.positionOf(event.tagStart), message }, 'mark');
  }
  if (event.anchorStart >= 0) {
    const name = reading.text.slice(event.anchorStart, event.anchorEnd);
    reading.anchors.set(name, node);
    reading.anchorCheck.define(name, reading.positionOf(event.anchorStart - 1), marked);
  }
  return node;
}

function sizeOf(nodes: readonly YamlNode[]): number {
  return nodes.reduce((sum, node) => sum + node.size, 1);
}

/** Returns the text from a mark to the end of the value behind it, the closing quote included. */
function writtenFrom(reading: Reading, start: number): string {
  const quote = /^["']/.exec(reading.text.slice(reading.consumed))?.[0] ?? '';
  return reading.text.slice(start, Math.max(reading.consumed, start)) + quote;
}
