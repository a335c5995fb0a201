import type { Removal } from './promise.ts';

const OWN = 'test/integration/api/task-routes.test.ts';
const AUDIT = 'test/integration/api/audited.test.ts';

const audited = (file: string, from: string, removed: string): Removal => ({
  point: 6,
  removed: `the audit of ${removed}`,
  file,
  from,
  to: '',
  test: AUDIT,
});
const GROUPS = 'controlplane/api/groups/group-service.ts';
const PAUSES = 'controlplane/api/state/pause-service.ts';
const MAINTENANCE = 'controlplane/api/state/maintenance-service.ts';
const STATUS = 'controlplane/api/state/status-service.ts';
const TOKENS = 'controlplane/api/tokens/token-service.ts';
const CLUSTERS = 'controlplane/api/clusters/cluster-service.ts';
const USERS = 'controlplane/api/tasks/task-service.ts';

/** Points 6 to 10: who may do what, and what code that is not ours may reach. */
export const RIGHTS_REMOVALS: readonly Removal[] = [
  {
    point: 6,
    removed: 'a route wants a line in the table',
    file: 'controlplane/api/http/access.ts',
    from: 'if (!access) throw new Error(`the route ${name} has no line in ACCESS`);',
    to: 'if (!access) return;',
    test: 'test/integration/api/access.test.ts',
  },
  {
    point: 6,
    removed: 'a role is checked',
    file: 'controlplane/api/http/access.ts',
    from: 'if (!hasRole(principal, needed)) {',
    to: 'if (!principal) {',
    test: 'test/integration/api/access.test.ts',
  },
  {
    point: 6,
    removed: 'tasks of others are 404',
    file: 'controlplane/api/tasks/own-task.ts',
    from: 'if (!task || !maySee(principalOf(request), task)) {',
    to: 'if (!task) {',
    test: OWN,
  },
  {
    point: 6,
    removed: 'a list holds what a submitter may see',
    file: 'controlplane/api/tasks/own-task.ts',
    from: "return role !== 'submitter';",
    to: 'return role.length > 0;',
    test: OWN,
  },
  {
    point: 6,
    removed: 'one changes one’s own tasks only',
    file: 'controlplane/api/tasks/own-task.ts',
    from: "if (hasRole(principal, 'operator') || task.createdBy === principal.name) return task;",
    to: "if (hasRole(principal, 'viewer')) return task;",
    test: OWN,
  },
  {
    point: 6,
    removed: 'a revoked token lets nobody in',
    file: 'controlplane/store/settings/api-tokens.ts',
    from: "    .where('revokedAt', 'is', null)\n",
    to: '',
    test: 'test/integration/store/operation.test.ts',
  },
  audited(USERS, "if ((await requestTerminate(db, id)) === 'done') await audited('terminate', id, by);", 'terminate'),
  audited(USERS, "if (outcome === 'done') await audited('pause', id, by);", 'pause'),
  audited(
    USERS,
    "if ((await resumeTask(db, id, tell('resumed'))) === 'done') await audited('resume', id, by);",
    'resume',
  ),
  audited(
    USERS,
    "if ((await restartTask(db, id, tell('queued'))) === 'done') await audited('restart', id, by);",
    'restart',
  ),
  audited(USERS, "if (outcome === 'done') await audited('prioritise', id, by, { priority: rank });", 'prioritise'),
  audited(GROUPS, "await audited(by, 'set-limits', `group/${name}`, limits);", 'groups'),
  audited(PAUSES, "await audited(by, 'pause', subject, { type });", 'pauses of groups'),
  audited(PAUSES, "await audited(by, 'resume', subject);", 'the end of such pauses'),
  audited(MAINTENANCE, "await audited(by, 'maintenance-on', 'maintenance', { reason });", 'maintenance'),
  audited(MAINTENANCE, "await audited(by, 'maintenance-off', 'maintenance');", 'the end of maintenance'),
  audited(STATUS, "await audited(by, 'confirm-restore', 'database');", 'a confirmed restore'),
  audited(
    TOKENS,
    "await audited(by, 'create', `token/${id}`, { name, role, ...(groups.length > 0 && { groups }) });",
    'new tokens',
  ),
  audited(TOKENS, "if (outcome === 'revoked') await audited(by, 'revoke', `token/${id}`);", 'revoked tokens'),
  audited(
    CLUSTERS,
    "await audited(by, 'save', `cluster/${name}`, { region, cluster, roleArn, endpoint, connection, launch });",
    'clusters',
  ),
  audited(CLUSTERS, "await audited(by, 'use', `cluster/${name}`);", 'the active cluster'),
  audited(CLUSTERS, "await audited(by, 'delete', `cluster/${name}`);", 'deleted clusters'),
  {
    point: 7,
    removed: 'unknown options are refused',
    file: 'controlplane/tasks/build-steps-options.ts',
    from: 'const BuildStepsFields = z.strictObject({',
    to: 'const BuildStepsFields = z.object({',
    test: 'test/unit/tasks/build-steps.test.ts',
  },
  {
    point: 7,
    removed: 'a request has a bound',
    file: 'controlplane/api/create-http-api.ts',
    from: '    bodyLimit: BODY_LIMIT_BYTES,\n',
    to: '    bodyLimit: 1_000_000_000,\n',
    test: OWN,
  },
  {
    point: 7,
    removed: 'a slow request is cut off',
    file: 'controlplane/api/create-http-api.ts',
    from: '    requestTimeout: REQUEST_TIMEOUT_MS,\n',
    to: '',
    test: 'test/integration/api/slow-request.test.ts',
  },
  {
    point: 7,
    removed: 'text for a shell is quoted',
    file: 'shared/support/shell-quote.ts',
    from: "return `'${text.replaceAll(\"'\", `'\\\\''`)}'`;",
    to: 'return `"${text}"`;',
    test: 'test/unit/tasks/build-steps.test.ts',
  },
  {
    point: 7,
    removed: 'an address cannot be an option of git',
    file: 'controlplane/tasks/vcs-uri.ts',
    from: '/^(?!-)[^',
    to: '/^[^',
    test: 'test/unit/tasks/build-steps.test.ts',
  },
  {
    point: 8,
    removed: 'files of the build are written and read by a child with its uid',
    file: 'agent/process/user-files.ts',
    from: 'launch({ argv, account, cwd:',
    to: 'launch({ argv, account: { ...account, uid: 0, gid: 0 }, cwd:',
    test: 'test/integration/agent/files-of-the-build.test.ts',
  },
  {
    point: 8,
    removed: 'the build runs as its user',
    file: 'agent/process/launch.ts',
    from: 'planLaunch(argv, account, process.getuid?.() ?? -1)',
    to: 'planLaunch(argv, account, -1)',
    test: 'test/integration/agent/container.test.ts',
  },
  {
    point: 8,
    removed: 'the environment of the agent is kept from the build',
    file: 'shared/protocol/overrides.ts',
    from: "for (const name of [...names, 'WORKLOAD_MAX_TIME', 'WORKLOAD_MAX_DISK', 'CONTAINER_MODE']) {",
    to: 'for (const name of Object.keys(environment)) {',
    test: 'test/unit/shared/overrides.test.ts',
  },
  {
    point: 8,
    removed: 'the socket of the agent is root’s',
    file: 'agent/api/socket-server.ts',
    from: 'chmodSync(socketPath, 0o600);',
    to: 'chmodSync(socketPath, 0o666); chmodSync(dirname(socketPath), 0o777);',
    test: 'test/integration/agent/workload-attacks.test.ts',
  },
  {
    point: 9,
    removed: 'nothing but the edges opens connections',
    file: 'controlplane/keys/build-values.ts',
    from: "import { OperationalError } from '../../shared/model/error.ts';",
    to: "import { request } from 'node:https';\nimport { OperationalError } from '../../shared/model/error.ts';",
    test: 'test/unit/docs/outgoing.test.ts',
  },
  {
    point: 10,
    removed: 'dependencies are pinned',
    file: 'package.json',
    from: '"zod": "',
    to: '"zod": "^',
    test: 'test/unit/docs/dependencies.test.ts',
  },
  {
    point: 10,
    removed: 'their scripts are not run',
    file: 'config/bootstrap.mjs',
    from: "'--ignore-scripts', ",
    to: '',
    test: 'test/unit/docs/dependencies.test.ts',
  },
];
