import { EVENT_ID, getScalarValue, load, parseEvents, SCALAR_STYLE, type Event } from 'js-yaml';
import { createSourceText, type Problem } from './source-text.ts';
import { AnchorCheck, tagDirectiveProblem, tagProblem, type MarkedNode } from './yaml-marks.ts';

type MarkedEvent = Extract<Event, { readonly tagStart: number }>;

/**
 * Tags and anchors of a configuration file that take something out of a text without a word, as in `command: ! x`: the
 * parser knows the tag `!` and drops it. Throws YAMLException when the text is no YAML.
 */
export function findYamlMarks(text: string): Problem[] {
  const problems: Problem[] = [];
  const report = (problem: Problem): number => problems.push(problem);
  const { positionOf } = createSourceText(text);
  const anchors = new AnchorCheck(report);
  for (const event of parseEvents(text, {})) {
    if (event.type === EVENT_ID.DOCUMENT && event.directives.some(({ kind }) => kind === 'tag')) {
      report(tagDirectiveProblem(text));
    }
    if (event.type === EVENT_ID.ALIAS) anchors.use(text.slice(event.anchorStart, event.anchorEnd));
    if (!('tagStart' in event)) continue;
    const node = markedNode(text, event);
    if (event.tagStart >= 0) {
      const message = tagProblem(text.slice(event.tagStart, event.tagEnd), node);
      if (message !== null) report({ ...positionOf(event.tagStart), message });
    }
    if (event.anchorStart >= 0) {
      anchors.define(text.slice(event.anchorStart, event.anchorEnd), positionOf(event.anchorStart - 1), node);
    }
  }
  anchors.end();
  return problems;
}

function markedNode(text: string, event: MarkedEvent): MarkedNode {
  if (event.type === EVENT_ID.SEQUENCE) return { kind: 'sequence', text: '', written: '' };
  if (event.type === EVENT_ID.MAPPING) return { kind: 'mapping', text: '', written: '' };
  const starts = [event.tagStart, event.anchorStart - 1].filter((start) => start >= 0);
  const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  const end = Math.max(event.tagEnd, event.anchorEnd, event.valueEnd + (isQuoted ? 1 : 0));
  return { kind: 'scalar', text: getScalarValue(text, event), written: text.slice(Math.min(...starts), end) };
}

/** One YAML document in which nothing is lost. Throws YAMLException or an Error with line and column. */
export function loadYaml(text: string): unknown {
  const read: unknown = load(text);
  const [problem] = findYamlMarks(text);
  if (problem) throw new Error(`line ${problem.line}, column ${problem.column}: ${problem.message}`);
  return read;
}
