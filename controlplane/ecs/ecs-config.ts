import type { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import { layOver, nearestTo, plainOf, type Layered, type LayerProblem } from './config-layers.ts';
import { explainLayered, type ExplainedSetting } from './explain-layers.ts';
import { checkSettings, type SettingFinding } from './check-settings.ts';
import { DefinitionSettings, Naming, SECTIONS } from './definition-schema.ts';
import { nearestName } from './nearest-name.ts';
import type { ConfigPath, ConfigSource } from './yaml-source.ts';

export interface EcsConfig {
  readonly naming: Naming;
  /** What is accepted and yet worth a look. */
  readonly warnings: readonly ConfigProblem[];
  /** Kinds of task that have overrides. */
  readonly kinds: readonly string[];
  /** Returns the default with the overrides of this kind of task laid over it. */
  settingsFor(kind: string): DefinitionSettings;
  /** Returns every setting with where it is from; `kind` asks for those of one kind of task. */
  explain(kind?: string): readonly ExplainedSetting[];
  /** Returns where a setting of a kind is from: file and line, or a variable. */
  locate(kind: string, path: ConfigPath): string;
}

/** Something in the settings that a person should change, or know of. */
export interface ConfigProblem {
  /** `site.yml line 4`, or `the variable WIP_ECS__…`. */
  readonly where: string;
  /** `default.containerDefinitions.0.memory` */
  readonly path: string;
  readonly message: string;
}

export interface InspectedEcsConfig {
  readonly problems: readonly ConfigProblem[];
  /** What is accepted and yet worth a look. */
  readonly warnings: readonly ConfigProblem[];
  /** null when there are problems. */
  readonly config: EcsConfig | null;
}

/**
 * Lays the sources over each other, the last one on top, and checks the result. Throws CONFIG_INVALID with file, line
 * and path of every mistake.
 */
export function readEcsConfig(sources: readonly ConfigSource[]): EcsConfig {
  const { problems, config } = inspectEcsConfig(sources);
  if (config) return config;
  throw new OperationalError('CONFIG_INVALID', {
    happened: `The ECS configuration is not valid: ${problems.map(problemText).join('; ')}`,
    remedy:
      'Correct what is named there; the names are those of RegisterTaskDefinition in the Amazon ECS API reference',
  });
}

export function problemText({ where, path, message }: ConfigProblem): string {
  return /^is not known/.test(message) ? `${where}, ${path} ${message}` : `${where}, ${path}: ${message}`;
}

/** The same without an exception: everything that is wrong, and everything worth a look. */
export function inspectEcsConfig(sources: readonly ConfigSource[]): InspectedEcsConfig {
  const problems: ConfigProblem[] = [];
  const sections = sources.map((source) => sectionsOf(source, problems));
  const layers = sources.map((source, index) => ({ source, sections: sections[index] ?? {} }));
  const found: LayerProblem[] = [];
  const naming = laySection('naming', layers, found);
  const base = laySection('default', layers, found);
  const kinds = kindsOf(layers);
  const byKind = new Map(kinds.map((kind) => [kind, layKind(kind, base, layers, found)]));
  problems.push(...found.map(({ path, from, message }) => ({ where: from, path: shown(path), message })));
  const checked = checkAll({ naming, base, byKind }, sources);
  problems.push(...checked.problems);
  const { warnings } = checked;
  if (problems.length > 0 || !base || !checked.naming) return { problems, warnings, config: null };
  return { problems, warnings, config: configOf({ ...checked, naming: checked.naming }, { naming, base, byKind }) };
}

interface ConfigLayer {
  readonly source: ConfigSource;
  readonly sections: Readonly<Record<string, unknown>>;
}

function sectionsOf(source: ConfigSource, problems: ConfigProblem[]): Readonly<Record<string, unknown>> {
  const { data } = source;
  if (!isMapping(data)) {
    problems.push({
      where: source.name,
      path: 'the whole file',
      message: 'expected object: a mapping of keys to values',
    });
    return {};
  }
  for (const [key, value] of Object.entries(data)) {
    const where = source.locationOf([key]) ?? source.name;
    if (!SECTIONS.some((section) => section === key)) {
      problems.push({ where, path: key, message: notKnown(key, SECTIONS) });
    } else if (!isMapping(value)) {
      problems.push({ where, path: key, message: 'expected object: a mapping; remove the line if it has none' });
    }
  }
  return Object.fromEntries(SECTIONS.map((key) => [key, isMapping(data[key]) ? data[key] : undefined]));
}

function laySection(name: string, layers: readonly ConfigLayer[], problems: LayerProblem[]): Layered | undefined {
  return layers.reduce<Layered | undefined>(
    (below, { source, sections }) => layOver(below, sections[name], { path: [name], source, problems }),
    undefined,
  );
}

function kindsOf(layers: readonly ConfigLayer[]): string[] {
  return [...new Set(layers.flatMap(({ sections }) => Object.keys(sections['overrides'] ?? {})))];
}

/** Lays the overrides of all layers over the default. `null` takes back what lower layers override. */
function layKind(
  kind: string,
  base: Layered | undefined,
  layers: readonly ConfigLayer[],
  problems: LayerProblem[],
): Layered | undefined {
  let laid = base;
  for (const { source, sections } of layers) {
    const overrides = sections['overrides'];
    const above = isMapping(overrides) && Object.hasOwn(overrides, kind) ? overrides[kind] : undefined;
    const path = ['overrides', kind];
    if (above !== null) laid = layOver(laid, above, { path, source, problems });
    else if (laid === base) layOver(undefined, null, { path, source, problems });
    else laid = base;
  }
  return laid;
}

interface LayeredSections {
  readonly naming: Layered | undefined;
  readonly base: Layered | undefined;
  readonly byKind: ReadonlyMap<string, Layered | undefined>;
}

function checkAll({ naming, base, byKind }: LayeredSections, sources: readonly ConfigSource[]) {
  const names = sources.map(({ name }) => name).join(', ');
  const locate = (layered: Layered | undefined, at: ConfigPath, { path, message }: SettingFinding): ConfigProblem => ({
    where: layered ? nearestTo(layered, path).from : names,
    path: shown([...at, ...path]),
    message,
  });
  const parsed = Naming.safeParse(naming ? plainOf(naming) : undefined);
  const ofNaming = (parsed.error?.issues ?? []).flatMap(namingFindings);
  const ofBase = checkSettings(base ? plainOf(base) : undefined);
  const known = new Set([...ofBase.problems, ...ofBase.warnings].map(identityOf));
  // What is wrong in the default is told once, and not for each kind as well.
  const ofKinds = [...byKind].map(([kind, layered]) => {
    const { problems, warnings } = checkSettings(layered ? plainOf(layered) : undefined);
    const located = (findings: readonly SettingFinding[]): ConfigProblem[] =>
      findings
        .filter((finding) => !known.has(identityOf(finding)))
        .map((finding) => locate(layered, ['overrides', kind], finding));
    return { problems: located(problems), warnings: located(warnings) };
  });
  return {
    naming: parsed.data,
    problems: [
      ...ofNaming.map((finding) => locate(naming, ['naming'], finding)),
      ...ofBase.problems.map((finding) => locate(base, ['default'], finding)),
      ...ofKinds.flatMap(({ problems }) => problems),
    ],
    warnings: [
      ...ofBase.warnings.map((finding) => locate(base, ['default'], finding)),
      ...ofKinds.flatMap(({ warnings }) => warnings),
    ],
  };
}

function configOf(
  { naming, warnings }: { readonly naming: Naming; readonly warnings: readonly ConfigProblem[] },
  layered: LayeredSections & { readonly base: Layered },
): EcsConfig {
  const { base, byKind } = layered;
  const layeredOf = (kind: string): Layered => byKind.get(kind) ?? base;
  // The schema was checked before; parsing gives the values their types.
  const settings = new Map(
    [...byKind.keys()].map((kind) => [kind, DefinitionSettings.parse(plainOf(layeredOf(kind)))]),
  );
  const plainBase = DefinitionSettings.parse(plainOf(base));
  return {
    naming,
    warnings,
    kinds: [...byKind.keys()],
    settingsFor: (kind) => settings.get(kind) ?? plainBase,
    explain: (kind) => [
      ...(layered.naming ? explainLayered(layered.naming, ['naming']) : []),
      ...explainLayered(kind === undefined ? base : layeredOf(kind), ['default']),
      ...(kind === undefined ? [...byKind].flatMap(([name, one]) => overridesOf(name, one ?? base, base)) : []),
    ],
    locate: (kind, path) => nearestTo(layeredOf(kind), path).from,
  };
}

/** Returns the settings in which a kind differs from the default. */
function overridesOf(kind: string, layered: Layered, base: Layered): ExplainedSetting[] {
  const ofBase = new Set(explainLayered(base, []).map((setting) => JSON.stringify(setting)));
  return explainLayered(layered, [])
    .filter((setting) => !ofBase.has(JSON.stringify(setting)))
    .map((setting) => ({ ...setting, path: `overrides.${kind}.${setting.path}` }));
}

function notKnown(key: string, allowed: readonly string[]): string {
  const nearest = nearestName(key, allowed);
  return `is not known${nearest === null ? '; allowed' : `, did you mean ${nearest}? Allowed`}: ${allowed.join(', ')}`;
}

function identityOf({ path, message }: SettingFinding): string {
  return JSON.stringify([path.map(String), message]);
}

function namingFindings(issue: z.core.$ZodIssue): SettingFinding[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path.map(String), message: issue.message }];
  return issue.keys.map((key) => ({ path: [key], message: notKnown(key, Object.keys(Naming.shape)) }));
}

function shown(path: ConfigPath): string {
  return path.map(String).join('.') || 'the whole file';
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
