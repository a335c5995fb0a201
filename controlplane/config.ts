import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { messageOf, OperationalError } from '../shared/model/error.ts';
import { loadYaml, readConfigTree } from '../shared/support/yaml-config.ts';
import { parseQuotaOverrides } from './ecs/quota-overrides.ts';
import { parseRepositoryHosts, type RepositoryHosts } from '../shared/support/repository-hosts.ts';

const Flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
function checkHosts(setting: string): (text: string, context: z.RefinementCtx) => void {
  return (text, context) => {
    try {
      parseRepositoryHosts(text, setting);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
    }
  };
}

function checkQuotas(text: string, context: z.RefinementCtx): void {
  try {
    parseQuotaOverrides(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
  }
}

const seconds = (): z.ZodCoercedNumber => z.coerce.number();

/**
 * Everything a control-plane node can be told, in controlplane.yml or by `WIP_<NAME>` (the names in capitals).
 * A description is the sentence the reference is made of; a test asserts that each is read and documented.
 */
export const CONTROL_PLANE_FIELDS = {
  mode: z
    .enum(['development', 'production'])
    .default('production')
    .describe('development allows local ECS, http and containers without isolation.'),
  data_dir: z.string().min(1).default('.wip').describe('Directory of the embedded database, local ECS and their keys.'),
  database_url: z
    .string()
    .min(1)
    .optional()
    .describe('PostgreSQL 14 or newer; without it the node starts an embedded one. Also DATABASE_URL.'),
  database_pool: z.coerce.number().int().min(4).max(500).default(16).describe('Connections of this node (count).'),
  host: z.string().min(1).default('127.0.0.1').describe('Address the HTTP server listens on.'),
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8090)
    .describe('Port the HTTP server listens on; 0 takes a free one.'),
  public_url: z
    .url()
    .optional()
    .describe('Base address under which agents reach this service; without it the listening address.'),
  allow_http: Flag.default(false).describe('Whether agents may report over http to an address that is not loopback.'),
  allowed_hosts: z
    .string()
    .regex(/^[A-Za-z0-9.,:*[\]_\s-]*$/, 'names or name:port, separated by commas')
    .default('')
    .describe(
      'Names beside loopback and public_url that Host and Origin may have, separated by commas; * accepts every Host.',
    ),
  node: z
    .string()
    .min(1)
    .max(128)
    .default(() => `${hostname()}:${process.pid}`)
    .describe('Name of this node, unique among live ones.'),
  master_key: z.string().optional().describe('Key that seals secrets: 32 bytes, base64.'),
  master_key_file: z.string().optional().describe('File that holds the master key instead.'),
  master_keys_old: z
    .string()
    .optional()
    .describe('Further master keys, which open what was sealed with them: base64, separated by commas.'),
  master_keys_old_file: z.string().optional().describe('File that holds those keys instead, one a line.'),
  admin_token_file: z
    .string()
    .min(1)
    .optional()
    .describe('File with a token that is always an administrator: the first one, and the way back in.'),
  log_level: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('What the node logs.'),
  lease_seconds: seconds()
    .min(1)
    .max(600)
    .default(30)
    .describe('How long a task belongs to a node that says nothing (s).'),
  concurrency: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(64)
    .describe('Steps that run at once on this node (count).'),
  method_seconds: seconds().min(1).max(600).default(30).describe('Time of one state or transition method (s).'),
  heartbeat_seconds: seconds().min(1).max(3_600).default(30).describe('How often agents report usage (s).'),
  token_rate: seconds()
    .min(1)
    .max(100_000)
    .default(100)
    .describe('Requests that each API token may make on this node (1/s); ten times as many at once.'),
  container_rate: seconds()
    .min(1)
    .max(100_000)
    .default(50)
    .describe('Reports that each container may send to this node (1/s); ten times as many at once.'),
  sweep_seconds: seconds()
    .min(0.5)
    .max(600)
    .default(10)
    .describe('How often running containers are looked at on ECS (s).'),
  canary_seconds: seconds()
    .min(0)
    .max(604_800)
    .default(0)
    .describe('A canary is launched this often, by one of the nodes; 0: never (s).'),
  max_run_seconds: z.coerce
    .number()
    .int()
    .min(1)
    .default(86_400)
    .describe('Longest life of a task without a limit of its own (s).'),
  max_container_seconds: z.coerce.number().int().min(1).optional().describe('Caps containerMaxTime of tasks (s).'),
  max_disk_percent: seconds()
    .min(1)
    .max(100)
    .default(75)
    .describe('Work waits while the disk of the host of a container is fuller (%).'),
  keep_definitions: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(10)
    .describe(
      'Revisions of a task definition that stay in each family; unused older ones are removed; 0: all stay (count).',
    ),
  start_seconds: seconds()
    .min(1)
    .default(900)
    .describe('A container not ready so long after its launch is given up (s).'),
  ask_after_seconds: seconds()
    .min(1)
    .default(15)
    .describe('Ask over SSH for a process that has been silent so long (s).'),
  give_up_after_seconds: seconds()
    .min(1)
    .default(120)
    .describe('Give up a process that its agent has not known for so long (s).'),
  https_proxy: z
    .url({ protocol: /^(https?|socks5h?)$/ })
    .optional()
    .describe('Proxy for calls to AWS over https; a cluster may have another. Also HTTPS_PROXY.'),
  no_proxy: z
    .string()
    .default('')
    .describe(
      'Hosts that are reached without the proxy: names, .names, name:port, separated by commas. Also NO_PROXY.',
    ),
  ecs_quotas: z
    .string()
    .default('')
    .superRefine(checkQuotas)
    .describe('Rates of AWS that differ from the published ones: ACCOUNT/REGION:QUOTA=BURST/PER_SECOND, …'),
  ecs_config: z.string().default('').describe('config.ecs.yml to use; empty: the one that is shipped.'),
  site_config: z.string().optional().describe('Site file that overrides config.ecs.yml; must exist when it is named.'),
  site: z
    .string()
    .regex(/^[A-Za-z0-9_-]*$/)
    .default('')
    .describe('Site name; part of the path of the site file.'),
  env: z
    .string()
    .regex(/^[A-Za-z0-9_-]*$/)
    .default('')
    .describe('Environment of the site; part of the path of the site file.'),
  build_tool: z
    .string()
    .min(1)
    .default('wip-agent build')
    .describe('Command line of the build tool inside the container, blanks between words.'),
  repository_hosts: z
    .string()
    .default('')
    .superRefine(checkHosts('repository_hosts'))
    .describe('Where repositories may be: names, *.names, addresses, ranges, local; a leading - denies.'),
  outgoing_hosts: z
    .string()
    .default('')
    .superRefine(checkHosts('outgoing_hosts'))
    .describe('Where requests of tasks, such as reports of a pipeline, may go; written as repository_hosts.'),
  pipelines_stats_key: z
    .string()
    .optional()
    .describe('Statistics key of the pipelines; containers get what pipelines_stats_scope says.'),
  pipelines_stats_scope: z
    .enum(['task', 'installation'])
    .default('task')
    .describe('What a build gets as PIPELINES_STATS_KEY: a token for its own task, or the key of the installation.'),
} as const;

const ControlPlaneFile = z.strictObject(CONTROL_PLANE_FIELDS);
export type ControlPlaneConfig = Readonly<z.infer<typeof ControlPlaneFile>>;

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
  const lost = Object.entries(values).flatMap(([key, value]) => {
    const problem = whatIsLost(key, value);
    return problem === null ? [] : [{ key, text: `${locate(key)}: ${problem}` }];
  });
  const fromFile = without(
    values,
    lost.map(({ key }) => key),
  );
  const fromEnvironment = readEnvironment(options.environment);
  const given = { ...fromFile, ...fromEnvironment, ...options.given };
  const parsed = ControlPlaneFile.safeParse(given);
  const issues = parsed.error?.issues ?? [];
  const problems = [
    ...lost.map(({ text }) => text),
    ...issues.map((issue) => describe(issue, { locate, file, fromEnvironment })),
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

/** Numbers are also read from texts; without this check an empty value, yes and a list of one would become numbers. */
function whatIsLost(key: string, value: unknown): string | null {
  if (value === null) return `${key}: it is empty; give a value, or remove the line`;
  if (!Object.hasOwn(CONTROL_PLANE_FIELDS, key)) return null;
  if (typeof value === 'object') return `${key}: it must be one value, not a list or a mapping`;
  const isNumber = innermost(CONTROL_PLANE_FIELDS[key as keyof typeof CONTROL_PLANE_FIELDS]) instanceof z.ZodNumber;
  const isLost = typeof value === 'boolean' || (typeof value === 'string' && value.trim() === '');
  return isNumber && isLost ? `${key}: it must be a number, not ${JSON.stringify(value)}` : null;
}

function innermost(field: z.core.$ZodType): z.core.$ZodType {
  return field instanceof z.ZodDefault || field instanceof z.ZodOptional ? innermost(field.unwrap()) : field;
}

interface Origins {
  readonly file: string | undefined;
  readonly locate: (key: string) => string;
  readonly fromEnvironment: object;
}

function describe(issue: z.core.$ZodIssue, { file, locate, fromEnvironment }: Origins): string {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(CONTROL_PLANE_FIELDS).join(', ');
    const [first = ''] = issue.keys;
    return `${file ? locate(first) : 'the configuration'}: unknown key ${issue.keys.join(', ')} (known are ${known})`;
  }
  const key = String(issue.path[0] ?? '');
  const from = file ? locate(key) : 'configuration';
  return `${key in fromEnvironment ? environmentName(key) : `${from}: ${key}`}: ${issue.message}`;
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
  if (environment[own] !== undefined && environment[own] !== '') return own;
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
