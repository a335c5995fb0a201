import { z } from 'zod';
import { hostname } from 'node:os';
import { hasBlockedPort, isBlockedPort } from '../shared/http/blocked-port.ts';
import { isBaseAddress } from '../shared/text/shown-address.ts';
import { checkHosts, checkQuotas, Flag, isListenHost, isPostgresUrl, seconds, SECRET } from './setting-values.ts';

const BLOCKED_PORT = 'must have another port: browsers and wipctl refuse to call this one';

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
    .refine(isPostgresUrl, 'must be an address such as postgres://user:password@host:5432/name')
    .optional()
    .describe('PostgreSQL 14 or newer; without it the node starts an embedded one. Also DATABASE_URL.'),
  database_pool: z.coerce
    .number()
    .int()
    .min(4)
    .max(500)
    .default(16)
    .describe('Connections of this node, of which requests have a quarter (count).'),
  host: z
    .string()
    .refine(
      isListenHost,
      'a node cannot listen on that: give an address of this machine such as 127.0.0.1, 0.0.0.0 for all of them, or a name',
    )
    .default('127.0.0.1')
    .describe('Address the HTTP server listens on.'),
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .refine((port) => !isBlockedPort(port), BLOCKED_PORT)
    .default(8090)
    .describe('Port the HTTP server listens on; 0 takes a free one.'),
  public_url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .refine(isBaseAddress, 'must be an address without user, password, query and fragment: agents and people get it')
    .refine((address) => !hasBlockedPort(address), BLOCKED_PORT)
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
  master_key: z.string().optional().describe('Key that seals secrets: 32 bytes, base64.').meta(SECRET),
  master_key_file: z.string().optional().describe('File that holds the master key instead.'),
  master_keys_old: z
    .string()
    .optional()
    .describe('Further master keys, which open what was sealed with them: base64, separated by commas.')
    .meta(SECRET),
  master_keys_old_file: z.string().optional().describe('File that holds those keys instead, one a line.'),
  admin_token_file: z
    .string()
    .min(1)
    .optional()
    .describe('File with a token that is always an administrator: the first one, and the way back in.'),
  admin_token: z
    .string()
    .min(1)
    .optional()
    .describe('Such a token itself, for where secrets come as variables only, as on ECS.')
    .meta(SECRET),
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
  drain_seconds: seconds()
    .min(0)
    .max(600)
    .default(0)
    .describe('A node that was asked to end answers for so long, at /readyz with 503, before it stops listening (s).'),
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
      'Hosts that are reached without the proxy: names, .names, name:port, networks such as 10.0.0.0/8, separated by commas. Also NO_PROXY.',
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
  hooks_file: z
    .string()
    .min(1)
    .optional()
    .describe('File that says what is built for webhooks of GitHub and GitLab; without it they are refused.'),
  hooks: z
    .string()
    .min(1)
    .optional()
    .describe('The text of such a file itself, with secrets in it; for nodes that no file can be given.')
    .meta(SECRET),
  pipelines_stats_key: z
    .string()
    .optional()
    .describe('Statistics key of the pipelines; containers get what pipelines_stats_scope says.')
    .meta(SECRET),
  pipelines_stats_scope: z
    .enum(['task', 'installation'])
    .default('task')
    .describe('What a build gets as PIPELINES_STATS_KEY: a token for its own task, or the key of the installation.'),
} as const;

export const ControlPlaneFile = z.strictObject(CONTROL_PLANE_FIELDS);
export type ControlPlaneConfig = Readonly<z.infer<typeof ControlPlaneFile>>;

/** Whether the value of a setting is a secret. A name that no setting has is taken for one. */
export function isSecretSetting(name: string): boolean {
  if (!Object.hasOwn(CONTROL_PLANE_FIELDS, name)) return true;
  return CONTROL_PLANE_FIELDS[name as keyof typeof CONTROL_PLANE_FIELDS].meta()?.['isSecret'] === true;
}
