import {
  BUILD_EVENTS,
  NO_BUILD_STEPS_REMEDY,
  type BuildEvent,
  type BuildFile,
  type BuildStep,
} from '../../shared/protocol/build-export.ts';
import { EventFormat, keysOf, StepFormat } from '../../shared/protocol/build-file-format.ts';
import { entriesOf, isEmpty, refuseKey, type Findings } from './file/findings.ts';
import { findLostText } from './file/lost-text.ts';
import { hasControls, quoted } from '../../shared/text/quote.ts';
import type { SourcePosition } from '../../shared/text/source-text.ts';
import type { YamlEntry, YamlNode, YamlScalar, YamlSequence } from '../../shared/yaml/yaml-node.ts';

const STEP_KEYS: readonly string[] = keysOf(StepFormat);
const EVENT_KEYS: readonly string[] = keysOf(EventFormat);
const STEP_SHAPE = '"- name: {script: [commands]}"';

export function readEvents(entry: YamlEntry | undefined, findings: Findings): BuildFile['events'] {
  const events: BuildFile['events'] = {};
  const entries = entriesOf(entry, 'events', findings);
  for (const event of entries) {
    if (!isBuildEvent(event.key)) {
      refuseKey(event, 'an event', BUILD_EVENTS, findings);
    } else events[event.key] = { steps: readSteps(event, findings) };
  }
  if (!events.build?.steps.length) {
    const at = entries.find((event) => event.key === 'build')?.keyAt ?? entry?.keyAt ?? { line: 1, column: 1 };
    const remedy = NO_BUILD_STEPS_REMEDY.replace(/^A/, 'a');
    findings.warning(at, `the event "build" has no steps, so a build fails; ${remedy}`);
  }
  return events;
}

export function isBuildEvent(name: string): name is BuildEvent {
  return (BUILD_EVENTS as readonly string[]).includes(name);
}

function readSteps(event: YamlEntry, findings: Findings): BuildStep[] {
  const keys = entriesOf(event, 'one key, steps', findings);
  for (const one of keys) if (!EVENT_KEYS.includes(one.key)) refuseKey(one, 'a key of an event', EVENT_KEYS, findings);
  const list = keys.find(({ key }) => key === 'steps')?.value;
  if (!list || isEmpty(list)) return [];
  if (list.kind === 'sequence') {
    const names = new Map<string, number>();
    return list.items.flatMap((item) => readStep(item, names, findings) ?? []);
  }
  findings.problem(list.at, `"steps" must be a list of steps, each ${STEP_SHAPE}`);
  return [];
}

function readStep(item: YamlNode, names: Map<string, number>, findings: Findings): BuildStep | null {
  const [step, ...others] = item.kind === 'mapping' ? item.entries : [];
  if (!step || others.length > 0) {
    // "- test:" with its keys one column too far left makes them keys of the list item.
    const hint = others.some(({ key }) => STEP_KEYS.includes(key)) ? '; indent what belongs to it further' : '';
    findings.problem(others[0]?.keyAt ?? item.at, `a step has one name and is written ${STEP_SHAPE}${hint}`);
    return null;
  }
  checkName(step, names, findings);
  const keys = entriesOf(step, 'script: [commands]', findings);
  for (const one of keys) if (!STEP_KEYS.includes(one.key)) refuseKey(one, 'a key of a step', STEP_KEYS, findings);
  const type = keys.find(({ key }) => key === 'type')?.value;
  if (type && !(type.kind === 'scalar' && type.text === 'script')) {
    findings.problem(type.at, 'the type of a step must be script');
  }
  const commands = readCommands(keys.find(({ key }) => key === 'script')?.value, step, findings);
  return {
    name: step.key,
    type: 'script',
    script: commands.map((command) => command.text),
    line: step.keyAt.line,
    scriptLines: commands.map((command) => command.at.line),
    scriptLastLines: commands.map((command) => command.lastLine),
  };
}

/** A failure is told by the name of its step, so a name is there, and of an event's steps it is one. */
function checkName({ key, keyAt }: YamlEntry, names: Map<string, number>, findings: Findings): void {
  const name = key.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  const firstLine = names.get(name);
  const noName = `a step needs a name, and this one has none; write ${STEP_SHAPE}`;
  if (name === '') findings.problem(keyAt, noName);
  else if (hasControls(key)) {
    findings.problem(keyAt, `the name of the step ${quoted(key)} has a control character in it; leave it out`);
  } else if (firstLine !== undefined) {
    findings.problem(keyAt, `the step ${quoted(key)} is here a second time; the first is in line ${firstLine}`);
  } else names.set(name, keyAt.line);
}

interface Command {
  readonly text: string;
  readonly at: SourcePosition;
  readonly lastLine: number;
}

/** Empty lines at the end are no part of a command. */
function lastLineOf({ at, written }: YamlScalar): number {
  return at.line + written.source.trimEnd().split(/\r\n|\r|\n/).length - 1;
}

function readCommands(script: YamlNode | undefined, step: YamlEntry, findings: Findings): Command[] {
  if (!script || hasNothing(script)) {
    findings.warning(step.keyAt, `the step ${quoted(step.key)} has no commands`);
    return [];
  }
  const items = script.kind === 'sequence' ? script.items.flatMap((item) => commandsOf(item, script)) : [script];
  return items.flatMap((item) => {
    if (item.kind === 'scalar' && item.text.trim() !== '') {
      findLostText(item, { name: 'this command', mayBeEmpty: false }, findings);
      return [{ text: item.text, at: item.at, lastLine: lastLineOf(item) }];
    }
    findings.problem(item.at, whyNoCommand(item));
    return [];
  });
}

/** `script:`, `script: ""` and `script: []` are the same: a step that does nothing. What YAML has cut off is not. */
function hasNothing(script: YamlNode): boolean {
  if (script.kind === 'sequence') return script.items.length === 0;
  return isEmpty(script) || (script.kind === 'scalar' && script.text.trim() === '' && script.written.comment === '');
}

/**
 * The commands of an alias of a list, as GitLab unfolds it. An alias is known by its place, which is above the script. A
 * list that is written inside the script is rather a `[ -f x ]` that lacks its quotes.
 */
function commandsOf(item: YamlNode, script: YamlSequence): readonly YamlNode[] {
  const isAlias =
    item.at.line < script.at.line || (item.at.line === script.at.line && item.at.column < script.at.column);
  if (item.kind !== 'sequence' || !isAlias) return [item];
  return item.items.flatMap((inner) => commandsOf(inner, script));
}

function whyNoCommand(item: YamlNode): string {
  switch (item.kind) {
    case 'scalar':
      return item.written.comment === ''
        ? 'this command is empty'
        : `this command is empty, because YAML reads ${quoted(item.written.comment)} as a comment`;
    case 'mapping':
      return item.style === 'flow'
        ? 'YAML reads this command as a mapping because it begins with "{"; put the whole command in quotes, or after "|"'
        : 'YAML reads this command as a mapping because of its ": "; put the whole command in quotes, or after "|"';
    case 'sequence':
      return item.style === 'flow'
        ? 'a command is text, and YAML reads this as a list because it begins with "["; put the whole in quotes, or after "|"'
        : 'a command is text, and this is a list';
  }
}
