import {
  EVENT_ALIAS,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  getScalarValue,
  loadAll,
  parseEvents,
  YAMLException,
  type Event,
} from 'js-yaml';
import { OperationalError, messageOf } from '../../shared/model/error.ts';
import { findYamlMarks } from '../../shared/support/yaml-config.ts';

export type ConfigPath = readonly (string | number)[];

/** One place that settings come from, and where in it each of them stands. */
export interface ConfigSource {
  readonly name: string;
  readonly data: unknown;
  /** `config.ecs.yml line 12`, or the name of a variable; null when the source does not have this path. */
  locationOf(path: ConfigPath): string | null;
}

/** Throws CONFIG_INVALID with file and line when the text is no YAML. */
export function parseYamlSource(name: string, text: string): ConfigSource {
  try {
    const lines = linesByPath(text);
    // A file with nothing but comments holds no document, and changes nothing.
    const [document, ...more] = loadAll(text, { filename: name });
    if (more.length > 0) throw new Error('it holds more than one document');
    const [mark] = findYamlMarks(text);
    if (mark) throw new Error(`line ${mark.line}, column ${mark.column}: ${mark.message}`);
    const data = document ?? {};
    return {
      name,
      data,
      locationOf(path) {
        const line = lines.get(keyOf(path));
        return line === undefined ? null : `${name} line ${line}`;
      },
    };
  } catch (cause) {
    const line = cause instanceof YAMLException && cause.mark ? ` line ${cause.mark.line + 1}` : '';
    throw new OperationalError('CONFIG_INVALID', {
      happened: `${name}${line} is not YAML: ${cause instanceof YAMLException ? cause.reason : messageOf(cause)}`,
      remedy: 'Correct the file; indentation is by spaces, and a value with a colon needs quotes',
      cause,
    });
  }
}

export function keyOf(path: ConfigPath): string {
  return JSON.stringify(path.map(String));
}

interface Frame {
  readonly path: ConfigPath;
  readonly isMapping: boolean;
  key: string | null;
  index: number;
}

/** The parser's events carry offsets, its values do not: walk them once to know the line of each key. */
function linesByPath(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const frames: Frame[] = [];
  const open = (path: ConfigPath, isMapping: boolean): number => frames.push({ path, isMapping, key: null, index: 0 });

  for (const event of parseEvents(text, {})) {
    if (event.type === EVENT_POP) frames.pop();
    const frame = frames.at(-1);
    const isKey = frame?.isMapping === true && frame.key === null && event.type === EVENT_SCALAR;
    if (frame && isKey) {
      frame.key = getScalarValue(text, event);
      lines.set(keyOf([...frame.path, frame.key]), lineAt(text, event.valueStart));
      continue;
    }
    if (event.type === EVENT_SCALAR || event.type === EVENT_ALIAS) place(frame, event, text, lines);
    if (event.type === EVENT_MAPPING || event.type === EVENT_SEQUENCE) {
      open(place(frame, event, text, lines), event.type === EVENT_MAPPING);
    }
  }
  return lines;
}

/** Consumes the frame's next place for a value and answers its path. */
function place(frame: Frame | undefined, event: Event, text: string, lines: Map<string, number>): ConfigPath {
  if (!frame) return [];
  if (frame.isMapping) {
    const path = [...frame.path, frame.key ?? ''];
    frame.key = null;
    return path;
  }
  const path = [...frame.path, frame.index];
  frame.index += 1;
  const offset = 'valueStart' in event ? event.valueStart : 'start' in event ? event.start : null;
  if (offset !== null) lines.set(keyOf(path), lineAt(text, offset));
  return path;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
