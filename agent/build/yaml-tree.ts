import {
  EVENT_ID,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
  type Event,
  type ScalarEvent,
} from 'js-yaml';

/** 1-based, as editors count. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Problem extends Position {
  readonly message: string;
}

interface NodeBase {
  readonly at: Position;
  /** This node and everything below it, aliases counted as often as they are used. */
  readonly size: number;
}
/** `text` is as written, so that 1.10 stays 1.10 and yes stays yes: an environment knows no other types. */
export type YamlScalar = NodeBase & { readonly kind: 'scalar'; readonly text: string; readonly isNull: boolean };
export type YamlSequence = NodeBase & { readonly kind: 'sequence'; readonly items: readonly YamlNode[] };
export interface YamlEntry {
  readonly key: string;
  readonly keyAt: Position;
  readonly value: YamlNode;
}
export type YamlMapping = NodeBase & { readonly kind: 'mapping'; readonly entries: readonly YamlEntry[] };
export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

// Aliases of aliases grow exponentially ("billion laughs"); a build file of this many nodes has never been seen.
const MAX_NODES = 100_000;
const NULL_TEXTS: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);
const QUOTED: ReadonlySet<number> = new Set([SCALAR_STYLE.SINGLE_QUOTED, SCALAR_STYLE.DOUBLE_QUOTED]);

interface Reading {
  readonly text: string;
  readonly events: readonly Event[];
  next: number;
  mergedEntries: number;
  /** Where the last value with a place of its own ended. */
  consumed: number;
  readonly anchors: Map<string, YamlNode>;
  readonly lineStarts: readonly number[];
  readonly report: (problem: Problem) => void;
}

/**
 * Reads one YAML document into a tree that knows where everything stands; js-yaml's own constructor forgets it.
 * What is wrong goes to `report`; null when there is no tree at all.
 */
export function readYamlTree(text: string, report: (problem: Problem) => void): YamlNode | null {
  let events: readonly Event[];
  try {
    events = parseEvents(text, {});
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    report({ line: (error.mark?.line ?? 0) + 1, column: (error.mark?.column ?? 0) + 1, message: error.reason });
    return null;
  }
  const reading: Reading = {
    text,
    events,
    next: 1,
    mergedEntries: 0,
    consumed: 0,
    anchors: new Map(),
    lineStarts: findLineStarts(text),
    report,
  };
  const top = { line: 1, column: 1 };
  if (events.length === 0) return null;
  if (events.filter((event) => event.type === EVENT_ID.DOCUMENT).length > 1) {
    report({ ...top, message: 'it holds several YAML documents, and a build file is one' });
    return null;
  }
  const tree = readNode(reading, top);
  if (tree.size <= MAX_NODES) return tree;
  report({ ...top, message: `its aliases unfold to more than ${MAX_NODES} values` });
  return null;
}

function readNode(reading: Reading, fallback: Position): YamlNode {
  const event = reading.events[reading.next++];
  if (!event) throw new Error('the YAML events ended inside a document');
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return remember(reading, event, readScalar(reading, event, fallback));
    case EVENT_ID.SEQUENCE:
      return remember(reading, event, readSequence(reading, positionOf(reading, event.start)));
    case EVENT_ID.MAPPING:
      return remember(reading, event, readMapping(reading, positionOf(reading, event.start)));
    case EVENT_ID.ALIAS: {
      const name = reading.text.slice(event.anchorStart, event.anchorEnd);
      reading.consumed = event.anchorEnd;
      const target = reading.anchors.get(name);
      if (target) return target;
      const at = positionOf(reading, event.anchorStart - 1);
      reading.report({ ...at, message: `*${name} is used, but no &${name} is complete above it` });
      return { kind: 'scalar', text: `*${name}`, isNull: false, at, size: 1 };
    }
    default:
      throw new Error(`unexpected YAML event ${event.type}`);
  }
}

function readScalar(reading: Reading, event: ScalarEvent, fallback: Position): YamlScalar {
  const text = getScalarValue(reading.text, event);
  reading.consumed = Math.max(reading.consumed, event.valueEnd);
  const isPlain = event.style === SCALAR_STYLE.PLAIN;
  const isNull = isPlain && event.tagStart < 0 && NULL_TEXTS.has(text);
  const start = QUOTED.has(event.style) ? event.valueStart - 1 : event.valueStart;
  // An empty value has no place of its own: it is where its key, or its list, is.
  return { kind: 'scalar', text, isNull, at: event.valueStart < 0 ? fallback : positionOf(reading, start), size: 1 };
}

function readSequence(reading: Reading, at: Position): YamlSequence {
  const items: YamlNode[] = [];
  while (reading.events[reading.next]?.type !== EVENT_ID.POP) {
    items.push(readNode(reading, isEmptyScalar(reading.events[reading.next]) ? positionOfDash(reading, at) : at));
  }
  reading.next++;
  return { kind: 'sequence', items, at, size: sizeOf(items) };
}

function isEmptyScalar(event: Event | undefined): boolean {
  return event?.type === EVENT_ID.SCALAR && event.valueStart < 0;
}

/** An empty item is where its dash is, which no event tells. */
function positionOfDash(reading: Reading, fallback: Position): Position {
  const match = /^[ \t]*-(?=\s|$)/m.exec(reading.text.slice(reading.consumed));
  if (!match) return fallback;
  reading.consumed += match.index + match[0].length;
  return positionOf(reading, reading.consumed - 1);
}

function readMapping(reading: Reading, at: Position): YamlMapping {
  const own = new Map<string, YamlEntry>();
  const merged: YamlMapping[] = [];
  while (reading.events[reading.next]?.type !== EVENT_ID.POP) {
    const key = readNode(reading, at);
    const value = readNode(reading, key.at);
    if (key.kind !== 'scalar') {
      reading.report({ ...key.at, message: 'a key must be text, not a list or a mapping' });
    } else if (key.text === '<<') {
      merged.push(...mergeSources(reading, value));
    } else {
      const first = own.get(key.text);
      if (first) {
        reading.report({
          ...key.at,
          message: `"${key.text}" is here a second time; the first is in line ${first.keyAt.line}`,
        });
      } else own.set(key.text, { key: key.text, keyAt: key.at, value });
    }
  }
  reading.next++;
  for (const entry of merged.flatMap((source) => source.entries)) {
    if (!own.has(entry.key)) own.set(entry.key, entry);
  }
  const entries = [...own.values()];
  return { kind: 'mapping', entries, at, size: sizeOf(entries.map((entry) => entry.value)) };
}

function mergeSources(reading: Reading, value: YamlNode): YamlMapping[] {
  const sources = value.kind === 'sequence' ? value.items : [value];
  return sources.filter((source): source is YamlMapping => {
    if (source.kind === 'mapping') {
      // Merged entries are copies, so they are counted before they are made.
      reading.mergedEntries += source.entries.length + 1;
      if (reading.mergedEntries <= MAX_NODES) return true;
      if (reading.mergedEntries - source.entries.length - 1 <= MAX_NODES) {
        reading.report({ ...source.at, message: `<< merges more than ${MAX_NODES} keys` });
      }
      return false;
    }
    reading.report({ ...source.at, message: '<< takes an alias of a mapping, or a list of such aliases' });
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
  const tag = event.tagStart < 0 ? '' : reading.text.slice(event.tagStart, event.tagEnd);
  if (tag !== '' && tag !== '!' && !tag.startsWith('!!')) {
    reading.report({ ...node.at, message: `the tag ${tag} means nothing in a build file` });
  }
  if (event.anchorStart >= 0) reading.anchors.set(reading.text.slice(event.anchorStart, event.anchorEnd), node);
  return node;
}

function sizeOf(nodes: readonly YamlNode[]): number {
  return nodes.reduce((sum, node) => sum + node.size, 1);
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}

function positionOf(reading: Reading, offset: number): Position {
  const { lineStarts } = reading;
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (lineStarts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - lineStarts[low]! + 1 };
}
