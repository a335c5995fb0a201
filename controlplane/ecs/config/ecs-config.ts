import type { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { nearestTo, plainOf, type Layered, type LayerProblem } from './config-layers.ts';
import { explainLayered, type ExplainedSetting } from './explain-layers.ts';
import { checkSettings, type SettingFinding } from './check-settings.ts';
import { DefinitionSettings, Naming, SECTIONS } from '../definition/definition-schema.ts';
import { laySection, layVariants, pathOf, type Variant } from './ecs-variants.ts';
import { nearestName } from '../../../shared/text/nearest-name.ts';
import type { ConfigPath, ConfigSource } from './yaml-source.ts';

/** Whose settings are meant. Both may be any name: without overrides of its own it gets those of all. */
export interface SettingsOf {
  /** Kind of task, such as BuildSteps. */
  readonly kind?: string | undefined;
  /** Name of the cluster in Wip. */
  readonly cluster?: string | undefined;
}

export interface EcsConfig {
  readonly naming: Naming;
  /** What is accepted and yet worth a look. */
  readonly warnings: readonly ConfigProblem[];
  /** Kinds of task that have overrides. */
  readonly kinds: readonly string[];
  /** Returns the default, with what the file says of this kind and then of this cluster laid over it. */
  settingsFor(of: SettingsOf): DefinitionSettings;
  /** Returns every setting with where it is from; without a kind and a cluster also what others have instead. */
  explain(of?: SettingsOf): readonly ExplainedSetting[];
  /** Returns where a setting is from: file and line, or a variable. */
  locate(of: SettingsOf, path: ConfigPath): string;
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
  const layers = sources.map((source) => ({ source, sections: sectionsOf(source, problems) }));
  const found: LayerProblem[] = [];
  const naming = laySection('naming', layers, found);
  const variants = layVariants(layers, found);
  // Overrides of a cluster are laid over each kind, and what is wrong with them is told once.
  const told = new Map(
    found.map(({ path, from, message }) => [JSON.stringify([path, from, message]), { path, from, message }]),
  );
  problems.push(...[...told.values()].map(({ path, from, message }) => ({ where: from, path: shown(path), message })));
  const checked = checkAll({ naming, variants }, sources);
  problems.push(...checked.problems);
  const { warnings } = checked;
  if (problems.length > 0 || !checked.naming) return { problems, warnings, config: null };
  return { problems, warnings, config: configOf({ naming: checked.naming, warnings }, { naming, variants }) };
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

interface LayeredSections {
  readonly naming: Layered | undefined;
  readonly variants: readonly Variant[];
}

function checkAll({ naming, variants }: LayeredSections, sources: readonly ConfigSource[]) {
  const names = sources.map(({ name }) => name).join(', ');
  const locate = (layered: Layered | undefined, at: ConfigPath, { path, message }: SettingFinding): ConfigProblem => ({
    where: layered ? nearestTo(layered, path).from : names,
    path: shown([...at, ...path]),
    message,
  });
  const parsed = Naming.safeParse(naming ? plainOf(naming) : undefined);
  const ofNaming = (parsed.error?.issues ?? []).flatMap(namingFindings);
  const problems = ofNaming.map((finding) => locate(naming, ['naming'], finding));
  const warnings: ConfigProblem[] = [];
  // What is wrong in the default is told once, and not for each kind and cluster as well.
  const told = new Set<string>();
  for (const variant of variants) {
    const { layered } = variant;
    const checked = checkSettings(layered ? plainOf(layered) : undefined);
    for (const [findings, list] of [[checked.problems, problems] as const, [checked.warnings, warnings] as const]) {
      for (const finding of findings) {
        const problem = locate(layered, pathOf(variant), finding);
        const identity = JSON.stringify([problem.where, finding.path.map(String), finding.message]);
        if (!told.has(identity)) list.push(problem);
        told.add(identity);
      }
    }
  }
  return { naming: parsed.data, problems, warnings };
}

function configOf(
  { naming, warnings }: { readonly naming: Naming; readonly warnings: readonly ConfigProblem[] },
  { naming: layeredNaming, variants }: LayeredSections,
): EcsConfig {
  // The schema was checked before; parsing gives the values their types.
  const parsed = variants.map(({ layered, ...of }) => {
    if (!layered) throw new Error('settings without a default were accepted');
    return { ...of, layered, settings: DefinitionSettings.parse(plainOf(layered)) };
  });
  const known = {
    kinds: new Set(variants.map(({ kind }) => kind)),
    clusters: new Set(variants.map(({ cluster }) => cluster)),
  };
  const find = ({
    kind = null,
    cluster = null,
  }: {
    kind?: string | null | undefined;
    cluster?: string | null | undefined;
  }) => {
    const wanted = { kind: known.kinds.has(kind) ? kind : null, cluster: known.clusters.has(cluster) ? cluster : null };
    const found = parsed.find((each) => each.kind === wanted.kind && each.cluster === wanted.cluster);
    if (!found) throw new Error('the settings of a kind on a cluster are missing');
    return found;
  };
  const ofNaming = layeredNaming ? explainLayered(layeredNaming, ['naming']) : [];
  return {
    naming,
    warnings,
    kinds: namesOf(variants),
    settingsFor: (of) => find(of).settings,
    explain: (of) => [
      ...ofNaming,
      ...explainLayered(find(of ?? {}).layered, ['default']),
      ...(of?.kind === undefined && of?.cluster === undefined ? differencesIn(parsed) : []),
    ],
    locate: (of, path) => nearestTo(find(of).layered, path).from,
  };
}

function namesOf(variants: readonly Variant[]): string[] {
  return [...new Set(variants.flatMap(({ kind }) => kind ?? []))];
}

/** Returns the settings in which each kind, and each cluster, differs from the default. */
function differencesIn(variants: readonly (Variant & { readonly layered: Layered })[]): ExplainedSetting[] {
  const [base, ...others] = variants;
  const ofBase = new Set(base ? explainLayered(base.layered, []).map((setting) => JSON.stringify(setting)) : []);
  return others
    .filter(({ kind, cluster }) => kind === null || cluster === null)
    .flatMap((variant) => {
      const differing = explainLayered(variant.layered, []).filter((setting) => !ofBase.has(JSON.stringify(setting)));
      return differing.map((setting) => ({ ...setting, path: [...pathOf(variant), setting.path].join('.') }));
    });
}

function notKnown(key: string, allowed: readonly string[]): string {
  const nearest = nearestName(key, allowed);
  return `is not known${nearest === null ? '; allowed' : `, did you mean ${nearest}? Allowed`}: ${allowed.join(', ')}`;
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
