import { nearestName } from '../shared/text/nearest-name.ts';
import { CONTROL_PLANE_FIELDS } from './config-fields.ts';

/**
 * Variables that other parts of Wip read or set, by where they come from. A node may see them: it is started in the shell of a person, by a
 * test, or within a build.
 */
const OF_OTHERS: Readonly<Record<string, readonly string[]>> = {
  node: ['WIP_CONFIG'],
  wipctl: ['WIP_SERVER', 'WIP_TOKEN', 'WIP_CONTEXT'],
  agent: [
    ...['WIP_ENROL', 'WIP_ENROL_URL', 'WIP_TASK_ARN', 'WIP_PROCESS', 'WIP_AGENT_ROOT', 'WIP_AGENT_BINARY'],
    ...['WIP_AGENT_CONFIG', 'WIP_AGENT_PORT_FILE', 'WIP_BUILD_ENV', 'WIP_BUILD_RECORD'],
    ...['WIP_DEPLOY_KEY_FILE', 'WIP_DEPLOY_GIT_SSH_COMMAND'],
  ],
  tests: [
    ...['WIP_REQUIRE', 'WIP_VECTORS', 'WIP_LOOKS', 'WIP_DRILL', 'WIP_PEER_ECS', 'WIP_PEER_ECS_LAUNCH'],
    ...['WIP_TEST_DATABASE_URL', 'WIP_TEST_TEMPLATE', 'WIP_BENCH_OUTPUT_GB', 'WIP_BENCH_FOLLOWED_MB'],
  ],
};

type Environment = Readonly<Record<string, string | undefined>>;

const FAMILIES = [
  // Settings of config.ecs.yml; what is wrong in them is said with their path.
  /^WIP_ECS__/,
  // Secret values of a build.
  /^WIP_SECURE_(VAR|KEY)_/,
  // What Kubernetes sets of services that are called wip or wip-…, and Docker of linked containers.
  /^WIP(_[A-Z0-9_]+)?_SERVICE_(HOST|PORT)(_\w+)?$/,
  /^WIP(_[A-Z0-9_]+)?_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR|(PORT_)?(START|END)))?$/,
];

/** What else both set, by names that a mistyped setting could have too: the value tells it. */
const LINKS = [
  { name: /^WIP(_[A-Z0-9_]+)?_PORT$/, value: /^(tcp|udp|sctp):\/\/\S+$/ },
  { name: /^WIP(_[A-Z0-9_]+)?_NAME$/, value: /^\/[^/\s]+\/[^/\s]+$/ },
];
const LINKED_ENVIRONMENT = /_ENV_\w+$/;

const SETTINGS = Object.keys(CONTROL_PLANE_FIELDS).map((name) => `WIP_${name.toUpperCase()}`);
const KNOWN: ReadonlySet<string> = new Set([...SETTINGS, ...Object.values(OF_OTHERS).flat()]);

/** Returns a problem for each variable that is called as those of Wip are and that nothing of Wip reads: most likely it is mistyped. */
export function findUnknownVariables(environment: Environment): string[] {
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith('WIP_') && value !== undefined && value !== '')
    .filter(([name]) => !isKnown(name) && !isServiceLink(name, environment))
    .map(([name]) => `${name}: there is no such setting; ${insteadOf(name)}`);
}

function isKnown(name: string): boolean {
  return KNOWN.has(name) || FAMILIES.some((family) => family.test(name));
}

/**
 * Returns whether Kubernetes or Docker has set the variable, for a service or a linked container that is called wip or wip-…. Of one
 * that is called wip, WIP_PORT is its address, and not the setting.
 */
export function isServiceLink(name: string, environment: Environment): boolean {
  const text = environment[name] ?? '';
  if (LINKS.some((link) => link.name.test(name) && link.value.test(text))) return true;
  // Docker copies the variables of a linked container, and names the container beside them. The copied names are of any kind.
  const [head = ''] = name.split(LINKED_ENVIRONMENT, 1);
  return head !== name && isServiceLink(`${head}_NAME`, environment);
}

function insteadOf(name: string): string {
  const nearest = nearestName(
    name.slice('WIP_'.length),
    SETTINGS.map((each) => each.slice('WIP_'.length)),
  );
  return nearest === null
    ? 'names that begin with WIP_ are those of Wip, and "wipctl serve --help" lists them'
    : `perhaps "WIP_${nearest}" is meant`;
}
