import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { messageOf, OperationalError } from '../shared/model/error.ts';
import { parseRepositoryHosts, type RepositoryHosts } from '../shared/repository/repository-hosts.ts';
import { sayProblem } from '../shared/text/field-problems.ts';
import { loadYaml, readConfigTree } from '../shared/yaml/yaml-config.ts';
import { CONTROL_PLANE_FIELDS, ControlPlaneFile, type ControlPlaneConfig } from './config-fields.ts';
import { isServiceLink } from './known-variables.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadConfigOptions {
  readonly file?: string;
  readonly environment: Environment;
  readonly given?: Partial<z.input<typeof ControlPlaneFile>>;
}

/**
 * Lays the environment and then `given` (what a command decides itself) over the file. Throws CONFIG_INVALID with
 * every wrong key, where it came from, and what is allowed.
 */
export function loadConfig(options: LoadConfigOptions): ControlPlaneConfig {
  const { problems, config, cause } = inspectConfig(options);
  if (problems.length > 0) throw invalid(problems, cause);
  return config;
}

/** The same without an exception: everything that is wrong, and the configuration without what is wrong. */
export function inspectConfig(options: LoadConfigOptions): {
  readonly problems: readonly string[];
  readonly config: ControlPlaneConfig;
  readonly cause?: unknown;
} {
  const file = options.file ?? options.environment['WIP_CONFIG'];
  const { values, lines } = file ? readYaml(file) : { values: {}, lines: new Map<string, number>() };
  const locate = (key: string): string => (lines.has(key) ? `${file} line ${lines.get(key)}` : `${file}`);
  const { environment } = options;
  const ofFile = keepWhole(values, (key) => `${locate(key)}: ${key}`);
  const ofEnvironment = keepWhole(readEnvironment(environment), (key) => variableOf(key, environment) ?? key);
  const fromEnvironment = ofEnvironment.kept;
  const given = { ...ofFile.kept, ...fromEnvironment, ...options.given };
  const parsed = ControlPlaneFile.safeParse(given, { error: (issue) => sayProblem(issue) });
  const issues = parsed.error?.issues ?? [];
  const problems = [
    ...ofFile.problems,
    ...ofEnvironment.problems,
    ...issues.map((issue) => describe(issue, { locate, file, fromEnvironment, given })),
  ];
  const wrong = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0])]));
  const config = Object.freeze(parsed.data ?? ControlPlaneFile.parse(without(given, wrong)));
  return { problems, config, cause: parsed.error };
}

function without(values: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)));
}

function invalid(problems: readonly string[], cause?: unknown): OperationalError {
  return new OperationalError('CONFIG_INVALID', {
    happened: `The configuration of the control plane is not valid: ${problems.join('; ')}`,
    remedy: 'Correct the named keys; "wipctl serve --help" says where they are documented',
    cause,
  });
}

/** Returns the values of which nothing is lost, and what is wrong with the others. */
function keepWhole(
  values: Readonly<Record<string, unknown>>,
  nameOf: (key: string) => string,
): { readonly kept: Record<string, unknown>; readonly problems: readonly string[] } {
  const lost = Object.entries(values).flatMap(([key, value]) => {
    const problem = whatIsLost(key, value);
    return problem === null ? [] : [{ key, text: `${nameOf(key)}: ${problem}` }];
  });
  const keys = lost.map(({ key }) => key);
  return { kept: without(values, keys), problems: lost.map(({ text }) => text) };
}

// No plus, blank, exponent or hexadecimal digit, which `Number` would read.
const DECIMAL = /^-?\d*\.?\d+$/;

/**
 * Numbers are also read from texts; without this check an empty value, yes and a list of one would become numbers, and a text such
 * as 0x10 or 1e1 another one than it seems.
 */
function whatIsLost(key: string, value: unknown): string | null {
  if (value === null) return 'it is empty; give a value, or remove the line';
  if (!Object.hasOwn(CONTROL_PLANE_FIELDS, key)) return null;
  if (typeof value === 'object') return 'it must be one value, not a list or a mapping';
  const isNumber = innermost(CONTROL_PLANE_FIELDS[key as keyof typeof CONTROL_PLANE_FIELDS]) instanceof z.ZodNumber;
  const isLost =
    typeof value === 'boolean' || (typeof value === 'string' && !DECIMAL.test(value) && !Number.isNaN(Number(value)));
  return isNumber && isLost ? `it must be a number, not ${JSON.stringify(value)}` : null;
}

function innermost(field: z.core.$ZodType): z.core.$ZodType {
  return field instanceof z.ZodDefault || field instanceof z.ZodOptional ? innermost(field.unwrap()) : field;
}

interface Origins {
  readonly file: string | undefined;
  readonly locate: (key: string) => string;
  readonly fromEnvironment: object;
  readonly given: Readonly<Record<string, unknown>>;
}

function describe(issue: z.core.$ZodIssue, { file, locate, fromEnvironment, given }: Origins): string {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(CONTROL_PLANE_FIELDS).join(', ');
    const [first = ''] = issue.keys;
    return `${file ? locate(first) : 'the configuration'}: unknown key ${issue.keys.join(', ')} (known are ${known})`;
  }
  const key = String(issue.path[0] ?? '');
  const from = file ? locate(key) : 'configuration';
  return `${key in fromEnvironment ? environmentName(key) : `${from}: ${key}`}: ${rangeOf(key, given[key]) ?? issue.message}`;
}

/** What a number may be; null for a setting that is none. */
function rangeOf(key: string, given: unknown): string | null {
  const field = Object.hasOwn(CONTROL_PLANE_FIELDS, key)
    ? innermost(CONTROL_PLANE_FIELDS[key as keyof typeof CONTROL_PLANE_FIELDS])
    : null;
  if (!(field instanceof z.ZodNumber)) return null;
  const { minValue: least, maxValue: most, format } = field;
  const what = format === 'safeint' ? 'a whole number' : 'a number';
  const isBound = (limit: number | null): limit is number =>
    limit !== null && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  const from = isBound(least) ? ` from ${least}` : '';
  const upTo = isBound(most) ? `${from === '' ? ' of at most' : ' to'} ${most}` : from === '' ? '' : ' on';
  return `must be ${what}${from}${upTo}, not ${JSON.stringify(given)}`;
}

/** In development a path is a usual address of a repository: containers see the files of the developer's machine. */
export function repositoryHosts(config: ControlPlaneConfig): RepositoryHosts {
  return parseRepositoryHosts(
    config.mode === 'development' ? `local,${config.repository_hosts}` : config.repository_hosts,
  );
}

export function outgoingHosts(config: ControlPlaneConfig): RepositoryHosts {
  return parseRepositoryHosts(config.outgoing_hosts, 'outgoing_hosts');
}

/** A file of ECS settings, and whether its absence is an error. */
export interface EcsConfigPath {
  readonly path: string;
  readonly mustExist: boolean;
}

/** Returns the files of ECS settings in the order in which they are laid over each other. */
export function ecsConfigPaths(config: ControlPlaneConfig, shipped: string): EcsConfigPath[] {
  const base = { path: config.ecs_config === '' ? shipped : config.ecs_config, mustExist: true };
  if (config.site_config) return [base, { path: config.site_config, mustExist: true }];
  if (config.site === '' || config.env === '') return [base];
  const site = `/mnt/files/${config.site}.${config.env}/nobackup/config/config.ecs.yml`;
  return [base, { path: site, mustExist: false }];
}

function environmentName(key: string): string {
  return `WIP_${key.toUpperCase()}`;
}

/** Variables that other programs read too, by the setting they give. */
const COMMON_NAMES: Readonly<Record<string, readonly string[]>> = {
  database_url: ['DATABASE_URL'],
  https_proxy: ['HTTPS_PROXY', 'https_proxy'],
  no_proxy: ['NO_PROXY', 'no_proxy'],
};

function readEnvironment(environment: Environment): Record<string, string> {
  const found = Object.keys(CONTROL_PLANE_FIELDS).flatMap((key) => {
    const name = variableOf(key, environment);
    return name === null ? [] : [[key, environment[name] ?? '']];
  });
  return Object.fromEntries(found) as Record<string, string>;
}

/** Returns the variable that sets this key; null when none does. */
export function variableOf(key: string, environment: Environment): string | null {
  const own = environmentName(key);
  if (environment[own] !== undefined && environment[own] !== '' && !isServiceLink(own, environment)) return own;
  const common = (Object.hasOwn(COMMON_NAMES, key) ? COMMON_NAMES[key] : undefined) ?? [];
  return common.find((name) => environment[name]) ?? null;
}

export interface YamlFile {
  readonly values: Record<string, unknown>;
  /** Line of each key. */
  readonly lines: ReadonlyMap<string, number>;
}

/** Reads the file of a node's settings. Throws CONFIG_INVALID when it is no YAML. */
export function readYaml(file: string): YamlFile {
  try {
    const text = readFileSync(file, 'utf8');
    const read = loadYaml(text);
    if (read === undefined || read === null) return { values: {}, lines: new Map() };
    if (typeof read !== 'object' || Array.isArray(read)) throw new Error('it is not a mapping of keys to values');
    const { tree } = readConfigTree(text);
    const entries = tree?.kind === 'mapping' ? tree.entries : [];
    return { values: { ...read }, lines: new Map(entries.map(({ key, keyAt }) => [key, keyAt.line])) };
  } catch (cause) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `The configuration file ${resolve(file)} cannot be read: ${messageOf(cause).split('\n')[0]}`,
      remedy: 'Correct the file, or name another with --config',
      cause,
    });
  }
}
