import { randomBytes } from 'node:crypto';
import type { Clock } from '../../shared/time/clock.ts';
import { createSealer } from '../../shared/keys/sealing.ts';
import type { Logger } from '../../shared/system/logger.ts';
import type { Secret } from '../../shared/keys/secret.ts';
import type { OpenClusters } from '../clusters/cluster-set.ts';
import type { ControlPlaneConfig } from '../config-fields.ts';
import { launchConflictText } from '../ecs/definition/task-definition.ts';
import type { ReconcileReport } from '../engine/sweep/reconcile.ts';
import type { EngineDeps } from '../engine/engine-deps.ts';
import type { Hook } from '../hooks/hook.ts';
import type { BuildKeyring } from '../keys/build-keyring.ts';
import type { Keyring } from '../keys/sealing-key.ts';
import type { EcsClusterStore } from '../store/clusters/ecs-cluster-store.ts';
import type { Db } from '../store/schema.ts';
import type { TroubleWords } from '../store/trouble-words.ts';
import { readTaskVersions } from '../store/tasks/read-task-versions.ts';
import type { WipClass } from '../tasks/wip-class.ts';
import { createAgentReportService, type AgentReportService } from './agents/agent-report-service.ts';
import { createEnrolmentService, type EnrolmentService } from './agents/enrolment-service.ts';
import { createAuditService, type AuditService } from './audit/audit-service.ts';
import { createClusterService, type ClusterService } from './clusters/cluster-service.ts';
import type { DashboardService } from './dashboard/dashboard-service.ts';
import { createConfigurationService, type ConfigurationService } from './configuration/configuration-service.ts';
import type { SettingView } from './configuration/configuration-views.ts';
import { createDefinitionService, type DefinitionService } from './definitions/definition-service.ts';
import { createDoctorService, type DoctorService } from './doctor/doctor-service.ts';
import { createCauseService, type CauseService } from './causes/cause-service.ts';
import { createGroupService, type GroupService } from './groups/group-service.ts';
import { createGroupTimesService } from './groups/group-times-service.ts';
import { createHealthService, type HealthService } from './health/health-service.ts';
import type { Authenticator } from './http/authentication.ts';
import { createHookService, type HookReceiver } from './hooks/hook-service.ts';
import { createKindService, type KindService } from './kinds/kind-service.ts';
import type { Metrics, MetricsService } from './metrics/metrics-service.ts';
import { createQueueService, type QueueService } from './queue/queue-service.ts';
import { createBuildValueService, type BuildValueService } from './secrets/build-value-service.ts';
import { createSecretService, type SecretService } from './secrets/secret-service.ts';
import { createSessionService, type SessionService } from './sessions/session-service.ts';
import { createMaintenanceService, type MaintenanceService } from './state/maintenance-service.ts';
import { createPauseService, type PauseService } from './state/pause-service.ts';
import { createStatusService, type StatusService } from './state/status-service.ts';
import { createTaskDetailService, type TaskDetailService } from './tasks/task-detail-service.ts';
import { createTaskRecordingService, type TaskRecordingService } from './tasks/recording/task-recording-service.ts';
import { createTaskService, type TaskService } from './tasks/task-service.ts';
import { createTaskListWatch, type TaskListWatch } from './tasks/streams/task-list-watch.ts';
import type { TaskWatchers } from './tasks/streams/task-watchers.ts';
import { createAuthenticator } from './tokens/authenticator.ts';
import { createToken, createTokenService, type TokenService } from './tokens/token-service.ts';

/** The services that routes call, by name. Each route is handed the services it uses and no other. */
export interface ApiServices {
  readonly authenticator: Authenticator;
  readonly health: HealthService;
  readonly metrics: MetricsService;
  readonly enrolment: EnrolmentService;
  readonly agents: AgentReportService;
  readonly tasks: TaskService;
  readonly hooks: HookReceiver;
  readonly recordings: TaskRecordingService;
  readonly taskDetails: TaskDetailService;
  readonly watchers: TaskWatchers;
  readonly listWatch: TaskListWatch;
  readonly kinds: KindService;
  readonly queue: QueueService;
  readonly causes: CauseService;
  readonly groups: GroupService;
  readonly pauses: PauseService;
  readonly maintenance: MaintenanceService;
  readonly status: StatusService;
  readonly tokens: TokenService;
  readonly clusters: ClusterService;
  readonly configuration: ConfigurationService;
  readonly definitions: DefinitionService;
  readonly audit: AuditService;
  readonly secrets: SecretService;
  readonly buildValues: BuildValueService;
  readonly doctor: DoctorService;
  readonly sessions: SessionService;
  readonly dashboard: DashboardService;
}

export interface ApiServicesDeps {
  readonly config: ControlPlaneConfig;
  /** The settings of this node, each with its source; secrets are hidden. */
  readonly settings: readonly SettingView[];
  readonly version: string;
  /** The connections for requests of people and programs. */
  readonly db: Db;
  /** The connections for reports of containers and for the node's own queries; the engine uses the same. */
  readonly nodeDb: Db;
  readonly databaseUrl: string;
  readonly keyring: Keyring;
  readonly buildKeys: BuildKeyring;
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly hooks: readonly Hook[];
  readonly taskSettings: EngineDeps['settings'];
  readonly clusters: Pick<
    OpenClusters,
    'findActive' | 'check' | 'examine' | 'findLaunchConflicts' | 'findSizeRefusal' | 'readQuotas'
  >;
  /** Compares the record with ECS. */
  readonly reconcile: () => Promise<ReconcileReport>;
  readonly clusterStore: EcsClusterStore;
  readonly metrics: Metrics;
  readonly watchers: TaskWatchers;
  readonly notifyNodes: EngineDeps['notifyNodes'];
  readonly failpoint: EngineDeps['failpoint'];
  readonly whyEngineNotReady: () => TroubleWords | null;
  /** Returns whether another process uses the name of this node. */
  readonly hasNamesake: () => boolean;
  /** Returns whether the node was asked to end or is ending. */
  readonly isEnding: () => boolean;
  /** The address that agents report to. */
  readonly publicUrl: () => string;
  /** A node whose last heartbeat is older does not count as living. */
  readonly nodeLiveSeconds: number;
  readonly dashboard: DashboardService;
  /** The token of browsers on this machine, in a development system. */
  readonly loopbackToken: Secret<string> | null;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Makes the services of a node. */
export function createApiServices(deps: ApiServicesDeps): ApiServices {
  const { config, db, clock, keyring, version, nodeLiveSeconds } = deps;
  const tasks = createTasks(deps);
  const maintenance = createMaintenanceService({ db, clock });
  const groupTimes = createGroupTimesService(db);
  return {
    authenticator: createAuthenticator(db, { token: config.admin_token, file: config.admin_token_file }),
    health: createNodeHealth(deps),
    metrics: deps.metrics,
    enrolment: createEnrolmentService({
      ...deps,
      db: deps.nodeDb,
      masterKey: keyring.keys,
      heartbeatSeconds: config.heartbeat_seconds,
      onEnrolment: deps.metrics.onEnrolment,
    }),
    agents: createAgentReports(deps),
    tasks,
    hooks: createHookService({ ...deps, tasks, maintenance }),
    recordings: createTaskRecordingService(db),
    taskDetails: createTaskDetailService(db, config.heartbeat_seconds),
    watchers: deps.watchers,
    listWatch: createStoredListWatch(deps),
    kinds: createKindService(deps.kinds),
    queue: createQueueService({ db, clock, groupTimes }),
    causes: createCauseService(db),
    groups: createGroupService(db, groupTimes),
    pauses: createPauseService(db),
    maintenance,
    status: createStatusService({
      ...{ db, reconcile: deps.reconcile, node: config.node, version, nodeLiveSeconds },
      readWakes: deps.metrics.readWakes,
    }),
    tokens: createTokenService({ db, clock, makeToken: createToken }),
    clusters: createClusterService({
      db,
      clusters: deps.clusterStore,
      node: config.node,
      examine: (name) => deps.clusters.examine(name),
      readQuotas: () => deps.clusters.readQuotas(),
      findLaunchConflicts: (cluster) => deps.clusters.findLaunchConflicts(cluster).map(launchConflictText),
    }),
    configuration: createConfigurationService({ name: config.node, version, settings: deps.settings }),
    definitions: createDefinitionService(db),
    audit: createAuditService(db),
    secrets: createSecretService({ ...deps, ...keyring, methodSeconds: config.method_seconds }),
    buildValues: createBuildValueService(deps),
    doctor: createNodeDoctor(deps),
    sessions: createSessionService({ ...deps, sealer: createSealer(keyring.keys) }),
    dashboard: deps.dashboard,
  };
}

function createStoredListWatch({ db, clock }: ApiServicesDeps): TaskListWatch {
  return createTaskListWatch({ readVersions: (since) => readTaskVersions(db, since), clock });
}

function createNodeHealth(deps: ApiServicesDeps): HealthService {
  const { config, db, clock, version, isEnding, whyEngineNotReady } = deps;
  const writesDirectory = config.database_url === undefined || config.mode === 'development';
  return createHealthService({
    db,
    clock,
    version,
    isEnding,
    whyEngineNotReady,
    directory: writesDirectory ? config.data_dir : null,
  });
}

function createAgentReports(deps: ApiServicesDeps): AgentReportService {
  const { nodeDb, clock, keyring, metrics, watchers, notifyNodes, failpoint } = deps;
  return createAgentReportService({
    db: nodeDb,
    masterKey: keyring.keys,
    clock,
    notifyNodes,
    failpoint,
    onSignal: metrics.onSignal,
    isWatched: (id) => watchers.isWatched(id),
    onOutput: (id, change) => watchers.notify(id, change),
  });
}

function createTasks({ log, ...deps }: ApiServicesDeps): TaskService {
  const { config, db, keyring, buildKeys, kinds, taskSettings, isEnding, clusters } = deps;
  return createTaskService({
    db,
    sealer: createSealer(keyring.keys),
    digestKey: buildKeys.lastingSecret,
    kinds,
    maxRunSeconds: config.max_run_seconds,
    heartbeatSeconds: config.heartbeat_seconds,
    settings: taskSettings,
    isDatabaseEnding: () => config.database_url === undefined && isEnding(),
    findSizeRefusal: (requirements) => clusters.findSizeRefusal(requirements),
    log,
  });
}

function createNodeDoctor(deps: ApiServicesDeps): DoctorService {
  const { config, nodeDb, databaseUrl, version, clock, clusters, nodeLiveSeconds } = deps;
  return createDoctorService({
    db: nodeDb,
    databaseUrl,
    node: config.node,
    version,
    clock,
    nodeLiveSeconds,
    leaseSeconds: config.lease_seconds,
    publicUrl: deps.publicUrl,
    whyEngineNotReady: deps.whyEngineNotReady,
    hasNamesake: deps.hasNamesake,
    findActiveCluster: () => clusters.findActive(),
    checkCluster: (name) => clusters.check(name),
    examineCluster: (name) => clusters.examine(name),
    createId: () => randomBytes(8).toString('hex'),
  });
}
