import type { ParsedContainer, ParsedScript } from './script.ts';
import type { SimulatedRun } from './simulated-run.ts';

/** What a world has met of its script. */
export interface ScriptUse {
  /** `terminate`, `takeovers.0`, `signals.2`, `processes.scan` … */
  readonly parts: ReadonlySet<string>;
  /** How often a list was asked for its next entry. */
  readonly turns: ReadonlyMap<string, number>;
  /** Whether some call met this rule. */
  readonly meetsInteraction: (index: number) => boolean;
}

/**
 * Returns what the script says and the run never came to, with the reason: a test that passes although its fault did not
 * happen proves nothing.
 */
export function unusedParts(script: ParsedScript, run: SimulatedRun, use: ScriptUse): readonly string[] {
  return [
    ...containerParts(script, run),
    ...namedParts(script, run, use),
    ...listed(script.signals, 'signals', use, ({ signal }) => `no ${signal} signal that it is about was sent`),
    ...script.interactions.flatMap(({ call = 'call to the agent' }, index) =>
      use.meetsInteraction(index) ? [] : [`interactions.${index}: no ${call} that it is about was made`],
    ),
    ...(script.takeovers === 'everywhere'
      ? []
      : listed(script.takeovers, 'takeovers', use, ({ at }) => `the task was not in ${at} at that moment`)),
    ...moments(script, use),
  ];
}

function listed<T>(
  items: readonly T[],
  name: string,
  { parts }: ScriptUse,
  why: (item: T) => string,
): readonly string[] {
  return items.flatMap((item, index) => (parts.has(`${name}.${index}`) ? [] : [`${name}.${index}: ${why(item)}`]));
}

function moments({ terminate, pause }: ParsedScript, { parts }: ScriptUse): readonly string[] {
  return Object.entries({ terminate, pause }).flatMap(([name, moment]) => {
    if (moment === undefined || parts.has(name)) return [];
    const why = moment.at === undefined ? 'the task ended before that time' : `the task did not enter ${moment.at}`;
    return [`${name}: ${why}`];
  });
}

/** A container is met when it is launched; what ends it before its time, when it does. */
function containerParts({ container, containers }: ParsedScript, { attempts }: SimulatedRun): readonly string[] {
  const common = container === undefined ? [] : commonParts(container, containers?.length ?? 0, attempts);
  const own = (containers ?? []).flatMap((script, index) => {
    const attempt = attempts[index];
    if (!attempt) return [`containers.${index}: no container of this number was launched`];
    return ends(script, [attempt.endedBy]).map((end) => `containers.${index}.${end}`);
  });
  return [...common, ...own];
}

function commonParts(script: ParsedContainer, withOwn: number, attempts: SimulatedRun['attempts']): readonly string[] {
  const met = attempts.slice(withOwn);
  if (met.length === 0) return ['container: no container that it is for was launched'];
  const endedBy = met.map((attempt) => attempt.endedBy);
  return ends(script, endedBy).map((end) => `container.${end}`);
}

function ends({ spotAfter, diesAfter, end }: ParsedContainer, endedBy: readonly (string | null)[]): readonly string[] {
  const why = 'the container ended otherwise before';
  return [
    ...(spotAfter === undefined || endedBy.includes('spot') ? [] : [`spotAfter: ${why}`]),
    ...(diesAfter === undefined || endedBy.includes('crash') ? [] : [`diesAfter: ${why}`]),
    ...(end === undefined || endedBy.includes(end.cause) ? [] : [`end: ${why}`]),
  ];
}

/** Processes, children and deliveries have names; lists of scripts are for one start after the other. */
function namedParts(script: ParsedScript, run: SimulatedRun, use: ScriptUse): readonly string[] {
  const delivered = new Set(run.deliveries.map(({ name }) => name));
  return [
    ...turnsOf('processes', script.processes, use, 'was started'),
    ...turnsOf('children', script.children, use, 'was added'),
    ...Object.keys(script.deliveries)
      .filter((name) => !delivered.has(name))
      .map((name) => `deliveries.${name}: no request of this name was given`),
  ];
}

function turnsOf(
  what: 'processes' | 'children',
  scripts: Readonly<Record<string, object>>,
  { parts, turns }: ScriptUse,
  happened: string,
): readonly string[] {
  return Object.entries(scripts).flatMap(([name, script]) => {
    const path = `${what}.${name}`;
    if (!parts.has(path)) return [`${path}: none of this name ${happened}`];
    const times = turns.get(path) ?? 0;
    if (!Array.isArray(script) || times >= script.length) return [];
    return [
      `${path}.${times}${script.length - times > 1 ? ' and further' : ''}: it ${happened} ${times === 1 ? 'once' : `${times} times`}`,
    ];
  });
}
